import type { Host } from '../host/host.js';
import { isNeighbour, pingFromContainer, portOfNeighbour } from './observe.js';
import type { Outcome, Recorder } from './proof.js';

const PINGS = 3;
/** How many neighbours are asked until one answers. */
const MAX_NEIGHBOURS = 4;

/** A container in which to look, and what is known of its LAN. */
export interface PeerQuestion {
  readonly host: Host;
  readonly bridge: string;
  readonly uplink: string;
  /** Process whose network namespace is the container's. */
  readonly pid: number;
  /** Default gateway of the host through the bridge; `null`: it has none there. */
  readonly gateway: string | null;
  /** Server of the container's DHCP lease; `null`: it has none. */
  readonly dhcpServer: string | null;
  /** Somebody on the LAN who answered another container. */
  readonly answered: string | null;
}

/** Somebody on the LAN to ask. */
interface Peer {
  readonly address: string;
  readonly what: 'gateway' | 'DHCP server' | 'neighbour';
  /** It has to answer: if it does not, containers do not reach the LAN. */
  readonly required: boolean;
}

/**
 * Whom `"gateway"` in `verify.ping` means for a container: the gateway of the host; where it has none, that of the
 * container, then the server of its lease, then neighbours of the host on the bridge.
 */
async function lanPeers(question: PeerQuestion): Promise<Peer[]> {
  const { host, pid, gateway, dhcpServer, answered } = question;
  const own = gateway ?? (await containerGateway(host, pid));
  if (own !== null) return [{ address: own, what: 'gateway', required: true }];
  const found: Peer[] = [];
  const add = (address: string | null, what: Peer['what']) => {
    if (address === null || found.some((peer) => peer.address === address)) return;
    found.push({ address, what, required: false });
  };
  const own4 = await addressesOfHost(host);
  add(answered, 'neighbour');
  add(dhcpServer, 'DHCP server');
  for (const address of await neighboursBehind(question)) add(address, 'neighbour');
  return found.filter(({ address }) => !own4.includes(address)).slice(0, MAX_NEIGHBOURS);
}

/** Ask one from inside the container, and look behind which port of the bridge it is. */
export async function askPeer(question: PeerQuestion, { address, required }: Peer): Promise<Outcome> {
  const { host, pid, bridge, uplink } = question;
  const count = await pingFromContainer(host, pid, address, PINGS);
  // A firewall may keep a neighbour from answering pings, none keeps it from answering ARP.
  if (count === 0 && (required || !(await isNeighbour(host, pid, address)))) {
    return { state: 'failed', detail: `none of ${PINGS} pings came back; \`bridge-setup doctor\` tells why` };
  }
  const port = await portOfNeighbour(host, pid, bridge, address);
  // Off-subnet targets answer through the gateway, and have no entry of their own.
  if (port !== null && port !== uplink) {
    return { state: 'failed', detail: `${address} answers behind ${port}, not across ${uplink}` };
  }
  const how = count > 0 ? `${count} of ${PINGS} pings came back` : 'it answers ARP, and no pings';
  return { state: 'proved', detail: `${how}${port === null ? '' : `, behind port ${port}`}` };
}

/**
 * The proof for `"gateway"`: without one anybody on the LAN will do, and where nobody is known nothing can be proved.
 * @returns who answered
 */
export async function proveAnyPeer(
  question: PeerQuestion,
  id: string,
  title: (whom: string) => string,
  record: Recorder,
): Promise<string | null> {
  const peers = await lanPeers(question);
  const silent: string[] = [];
  for (const peer of peers) {
    const { address, what, required } = peer;
    const outcome = await askPeer(question, peer);
    if (outcome.state === 'failed' && !required) {
      silent.push(address);
      continue;
    }
    const isProved = await record(
      id,
      title(what === 'gateway' ? address : `the ${what} ${address}`),
      async () => outcome,
    );
    return isProved ? address : null;
  }
  await record(id, title('the LAN'), async () => ({
    state: 'skipped',
    detail: `neither the host nor the container has a default gateway on ${question.bridge}, and ${
      silent.length > 0 ? `none of ${silent.join(', ')} answered` : 'nobody else on the LAN is known'
    }; name a host to ask in verify.ping`,
  }));
  return null;
}

async function containerGateway(host: Host, pid: number): Promise<string | null> {
  const argv = [
    'nsenter',
    `--net=/proc/${pid}/ns/net`,
    '--',
    'ip',
    '-json',
    '-4',
    'route',
    'show',
    'default',
  ];
  const shown = await host.run(argv, { check: false });
  if (shown.exitCode !== 0) return null;
  return (JSON.parse(shown.stdout || '[]') as { gateway?: string }[])[0]?.gateway ?? null;
}

async function addressesOfHost(host: Host): Promise<string[]> {
  const shown = await host.run(['ip', '-json', '-4', 'address', 'show'], { check: false });
  const links = JSON.parse(shown.stdout || '[]') as { addr_info?: { local?: string }[] }[];
  return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []));
}

/** IPv4 neighbours that the host has heard on the bridge, and whose MAC address is known behind the uplink. */
async function neighboursBehind({ host, bridge, uplink }: PeerQuestion): Promise<string[]> {
  const shown = await host.run(['ip', '-json', '-4', 'neighbour', 'show', 'dev', bridge], { check: false });
  const known = JSON.parse(shown.stdout || '[]') as { dst: string; lladdr?: string }[];
  const fdb = await host.run(['bridge', '-json', 'fdb', 'show', 'br', bridge], { check: false });
  const entries = JSON.parse(fdb.stdout || '[]') as { mac: string; ifname: string; state?: string }[];
  const behind = new Set(
    entries.filter(({ ifname, state }) => ifname === uplink && state !== 'permanent').map(({ mac }) => mac),
  );
  return known.filter(({ lladdr }) => lladdr !== undefined && behind.has(lladdr)).map(({ dst }) => dst);
}
