import type { NetLink } from '../../../src/attach/ip.js';
import type { CliContext } from '../../../src/cli/context.js';
import { watchEffects } from '../../../src/host/effects.js';
import type { Host } from '../../../src/host/host.js';
import { Output } from '../../../src/ui/output.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

/** What a refusal is provoked on: a host in memory, and the same one with its effects noted. */
export interface Bench {
  readonly fake: FakeHost;
  readonly host: Host;
  readonly context: CliContext;
}

/** How a refusal is provoked, through the function that refuses. */
export type Provoke = (bench: Bench) => unknown;

/** A bench. */
export function bench(): Bench {
  const fake = new FakeHost();
  const host = watchEffects(fake);
  const output = new Output({ json: false, quiet: true, verbose: false, color: false });
  output.print = () => {};
  const { signal } = new AbortController();
  return { fake, host, context: { host, output, signal, first: null } };
}

/** A link of the host, or of a container. */
export const netLink = (name: string, parts: Partial<NetLink> = {}): NetLink => ({
  name,
  index: 1,
  peerIndex: null,
  up: true,
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  master: null,
  kind: null,
  alias: null,
  addresses: [],
  ...parts,
});

/** A process that runs, with that start time. */
export function running(fake: FakeHost, pid: number, start = '77'): void {
  const fields = ['S', ...Array.from({ length: 18 }, () => '0'), start];
  fake.content.set(`/proc/${pid}/stat`, `${pid} (node) ${fields.join(' ')}`);
}

/** The container `web`, with a network namespace of its own, on a host with br0 and eth1. */
export function withContainer({ fake }: Bench): void {
  const web = containerInfo({ name: 'web' });
  fake.containers.set(web.id, web);
  fake.links.set('/held/proc/321/ns/net', 'net:[2]');
  fake.links.set(`/proc/${fake.pid}/ns/net`, 'net:[1]');
  const link = (ifname: string, kind?: string) => ({
    ...{ ifname, ifindex: 7, flags: ['UP'], mtu: 1500, address: '02:00:00:00:00:07' },
    ...(kind === undefined ? {} : { linkinfo: { info_kind: kind } }),
  });
  fake.script = (argv, { input = '' }) => {
    if (argv.includes('-batch')) return input.includes('neighbour show') ? { stdout: '' } : {};
    if (argv.includes('show') && argv.includes('-details')) {
      const inside = argv.some((word) => word.startsWith('--net='));
      return { stdout: JSON.stringify(inside ? [link('lo')] : [link('br0', 'bridge'), link('eth1')]) };
    }
    return argv.includes('-json') ? { stdout: '[]' } : {};
  };
}
