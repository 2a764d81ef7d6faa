import type { DhcpClientName } from '../model/facts.js';
import type { LiveAction } from '../model/live.js';
import type { Step } from '../model/plan.js';
import type { LiveChange } from './live-change.js';

/** The clients of the uplink: its lease is the bridge's from here on. And those of a bridge that leases no more. */
export function stopClients({ facts, spec: { uplink, bridge }, client }: LiveChange): Step[] {
  return facts.dhcpClients.running.flatMap(({ name, link, argv = [] }) => {
    const v6 = argv.includes('-6');
    if (link === null || (link !== uplink && !(link === bridge.name && client === null && !v6))) return [];
    const command = startable(name, argv, link);
    return [
      named(`stop-${name}${v6 ? '-6' : ''}-${link}`, `End ${name} on ${link}; its lease stays`, {
        kind: 'stop-dhcp-client',
        client: name,
        link,
        argv: command,
        heir: bridge.name,
        heirArgv: renamed(command, link, bridge.name),
      }),
    ];
  });
}

/** The client that the bridge's address is leased by, and those of IPv6 that were on the uplink. */
export function startClients({ facts, spec: { uplink, bridge }, client }: LiveChange): Step[] {
  const steps: Step[] = [];
  const start = (name: DhcpClientName, argv: readonly string[], leaseArgv: readonly string[]) =>
    named(
      `start-${name}${argv.includes('-6') ? '-6' : ''}`,
      `Start ${name} on ${bridge.name}, with its lease`,
      {
        kind: 'start-dhcp-client',
        client: name,
        link: bridge.name,
        argv,
        leaseOf: uplink,
        leaseArgv,
      },
    );
  for (const { name, argv = [] } of facts.dhcpClients.running.filter(({ link }) => link === uplink)) {
    // One for IPv6 moves as it is; which one IPv4 has, if any, the files say.
    if (!argv.includes('-6')) continue;
    steps.push(start(name, renamed(argv, uplink, bridge.name), argv));
  }
  const runs = facts.dhcpClients.running.some(
    ({ name, link, argv = [] }) => name === client?.name && link === bridge.name && !argv.includes('-6'),
  );
  if (client !== null && !runs) {
    steps.push(start(client.name, client.argv(bridge.name), client.argv(uplink)));
  }
  return steps;
}

/** dhcpcd shows a title in the place of its command line. */
function startable(name: DhcpClientName, argv: readonly string[], link: string): readonly string[] {
  return name === 'dhcpcd' || argv.length === 0 ? [name, link] : argv;
}

/** The same command for another link: its name, and the names of the files that hold it. */
function renamed(argv: readonly string[], from: string, to: string): string[] {
  return argv.map((word) => {
    if (word === from) return to;
    return word.startsWith('/') ? word.replaceAll(`.${from}.`, `.${to}.`) : word;
  });
}

const named = (id: string, title: string, action: LiveAction): Step => ({ id, title, ...action });
