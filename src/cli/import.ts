import { readConfig } from '../attach/config.js';
import { type ImportedContainer, importContainer } from '../attach/import.js';
import { machineFor } from '../attach/machine.js';
import { parseSettings } from '../attach/settings.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { Style } from '../ui/style.js';
import type { CliContext } from './context.js';

/** `bridge-setup import`: what the rules of the running containers would do. Touches nothing. */
export async function importCommand({ host, output }: CliContext): Promise<ExitCode> {
  const { key } = parseSettings(host.env);
  const config = await readConfig(host);
  const policy = { ...config, key, machine: await machineFor(host, config) };
  const containers: ImportedContainer[] = [];
  for (const id of await host.docker.listContainers()) {
    const container = await host.docker.inspect(id);
    if (container === null) continue;
    const imported = importContainer(container, policy, await host.docker.inspectImage(container.imageId));
    if (imported !== null) containers.push(imported);
  }
  const nothing = 'No container that runs has rules.';
  output.print(
    containers.length === 0
      ? nothing
      : containers.map((one) => importText(one, output.style).join('\n')).join('\n'),
  );
  output.document({ containers });
  return containers.some(({ refused }) => refused.length > 0) ? EXIT.checkFailed : EXIT.ok;
}

/** What becomes of one container, as lines. */
export function importText(
  { name, image, endpoints, refused, settings }: ImportedContainer,
  s: Style,
): string[] {
  return [
    `${name} (${image})`,
    ...endpoints.map(({ interfaceName, bridge, address, gateway, method, mac }) => {
      const what = method === 'dhcp' ? 'by DHCP' : (address ?? 'without an address');
      const via = gateway === null ? '' : `, gateway ${gateway}`;
      return `  ${s.good('attach')}  ${interfaceName} on ${bridge}, ${what}${via}, MAC address ${mac}`;
    }),
    ...refused.map(({ variable, rule, message, remedy }) => {
      const what = remedy === null ? message : `${message}. ${remedy}`;
      return `  ${s.bad('refuse')}  ${variable}="${rule}": ${what}`;
    }),
    ...settings.map(({ variable, dead, here }) => {
      const then = dead === null ? '' : ` It did nothing in docker-pipework: ${dead}.`;
      return `  ${s.warn('setting')} ${variable}: ${here}.${then}`;
    }),
  ];
}
