import { readConfig } from '../attach/config.js';
import { Daemon } from '../attach/daemon.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import type { CliContext } from './context.js';

/** `bridge-setup daemon`: runs until it is told to stop. */
export async function daemon({ host, output, signal }: CliContext): Promise<ExitCode> {
  if (!host.isRoot())
    throw refusal(
      'not-root',
      'The attach runtime needs root.',
      [],
      'Start it as a service: `systemctl start bridge-setup`.',
    );
  const config = await readConfig(host);
  const runtime = new Daemon(host, config, ({ level, message }) => {
    const event = { event: 'log', level, message };
    if (level === 'debug') output.detail(message, event);
    else output.progress(level === 'info' ? message : `${level}: ${message}`, event);
  });
  await runtime.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  await runtime.stop();
  return EXIT.ok;
}
