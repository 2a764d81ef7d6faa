import type { ApplyOptions } from '../../../src/apply/apply.js';
import type { ExpectNetwork } from '../../../src/model/expect-steps.js';
import type { Link } from '../../../src/model/facts.js';
import type { JournalEntry, NetworkState } from '../../../src/model/journal.js';
import type { Plan, Step } from '../../../src/model/plan.js';
import { hostFacts, link } from './facts.js';
import type { FakeHost } from './fake-host.js';

/** Steps as a plan. */
export function planOf(...steps: Step[]): Plan {
  return {
    version: 1,
    summary: 'A plan of a test.',
    backend: { id: 'test', reason: 'a test says so' },
    bridge: 'br0',
    uplink: 'eth0',
    steps,
    files: [],
    risks: [],
    notes: [],
  };
}

/** The network of the host that the tests start from. */
export function network(overrides: Partial<NetworkState> = {}): NetworkState {
  const { links, routes, dns } = hostFacts();
  return { links, routes, nameservers: dns.nameservers, ...overrides };
}

/** The network that a step waits for. */
export function networkAsExpected(step: ExpectNetwork): NetworkState {
  const [address = '192.168.1.10', prefix = '24'] = step.address?.split('/') ?? [];
  const addresses: Link['addresses'] = [
    { family: 4, address, prefix: Number(prefix), scope: 'global', dynamic: step.address === null },
    ...(step.ipv6 ?? []).map((each): Link['addresses'][number] => {
      const [own = '', length] = each.split('/');
      return { family: 6, address: own, prefix: Number(length), scope: 'global', dynamic: false };
    }),
  ];
  const { routes } = hostFacts();
  return network({
    links: [
      link({ name: step.port, master: step.bridge, addresses: [] }),
      link({ name: step.bridge, kind: 'bridge', mac: step.mac, addresses }),
    ],
    routes: [
      ...routes.map((route) => ({
        ...route,
        link: step.bridge,
        gateway: route.gateway && step.gateway,
        metric: route.gateway === null ? route.metric : (step.metric ?? route.metric),
      })),
      ...(step.others ?? []).map((other) => ({
        ...other,
        family: 4 as const,
        destination: 'default',
        protocol: 'boot',
      })),
    ],
  });
}

/** What apply and rollback need beside the plan, and what they did with it. */
export function door(host: FakeHost, readNetwork: () => NetworkState | Promise<NetworkState> = network) {
  const log: string[] = [];
  const options = {
    host,
    readNetwork: async () => readNetwork(),
    readDetails: async () => ({ routes: [], rules: [], settings: {} }),
    dhcpClients: async () => [],
    firewall: {
      accept: async (bridge) => void log.push(`accept ${bridge}`),
      remove: async (bridge) => void log.push(`remove ${bridge}`),
    },
    removeEndpoints: async (bridge) => void log.push(`endpoints ${bridge}`),
    progress: {
      step: ({ id }, state) => void (state === 'started' || log.push(`${state} ${id}`)),
      line: () => {},
      note: (text) => void log.push(`note ${text}`),
    },
    signal: new AbortController().signal,
    guard: async () => {},
    texts: async () => ({ 'links.txt': 'eth0\n' }),
    confirmation: null,
  } satisfies ApplyOptions;
  return { ...options, log };
}

/** The journal of a plan that was carried out to its end, on a host with these files. */
export function journalOf(
  steps: readonly Step[],
  files: Readonly<Record<string, { content: string; mode: number }>>,
): JournalEntry[] {
  const now = new Map(Object.entries(files));
  return steps.map((step, n) => {
    const changes = step.kind === 'write-file' || step.kind === 'remove-file';
    const file = changes ? now.get(step.path) : undefined;
    if (step.kind === 'write-file') now.set(step.path, step);
    if (step.kind === 'remove-file') now.delete(step.path);
    const before =
      changes && file
        ? { path: step.path, content: file.content, mode: file.mode, copy: `/kept${step.path}`, sha256: '' }
        : null;
    return { n, step, before, state: 'done' };
  });
}
