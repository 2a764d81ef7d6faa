import { keepNic } from '../attach/direct/nic.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { CliContext } from './context.js';

/** `bridge-setup keep-nic KEY`: gives a NIC back when its container is gone. Started by `attach --direct-phys`. */
export async function keepNicCommand(
  { host, signal }: CliContext,
  _flags: unknown,
  [key = '']: readonly string[],
): Promise<ExitCode> {
  await keepNic(host, key, signal);
  return EXIT.ok;
}
