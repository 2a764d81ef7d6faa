import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { removeTestImage, testImage } from './image.js';
import {
  awaitForwarding,
  type ContainerAddress,
  containerAddress,
  hasAddress,
  pingFromHost,
  portDelayMs,
} from './observe.js';
import { askPeer, type PeerQuestion, proveAnyPeer } from './peer.js';
import type { Proof, Recorder } from './proof.js';
import { proveTransport } from './transport.js';

const LINK = 'eth0';
const PINGS = 3;
const ADDRESS_TIMEOUT_MS = 30_000;
const LABEL = 'bridge-setup.verify';

/** What is to be proved, and with what. */
export interface VerifyOptions {
  readonly host: Host;
  readonly bridge: string;
  /** The port that leads to the LAN. */
  readonly uplink: string;
  /** What a container must reach across the uplink: addresses, or `gateway` (see `lanPeers`). */
  readonly targets: readonly string[];
  readonly image: string | null;
  /** Address with prefix for the static container; `null`: the one that the LAN's DHCP server just gave. */
  readonly staticAddress: string | null;
  /** Default gateway of the host through the bridge; `null`: it has none there. */
  readonly gateway: string | null;
  /** Server of the DHCP lease of a container; `null` when it is not known. */
  readonly dhcpServer: (containerId: string) => Promise<string | null>;
  /** Whether a DHCP server of the LAN answers the host itself. */
  readonly hasDhcpServer: () => Promise<boolean>;
  /** Attaches containers where no runtime is installed; `null`: the runtime does it. */
  readonly ownRuntime: OwnRuntime | null;
  readonly onProof: (proof: Proof) => void;
}

/** Attaches one container, without a daemon. */
export interface OwnRuntime {
  attach(rule: string): Promise<void>;
  /** Take the interface away, and end its DHCP client, which would outlive the container. */
  detach(container: string, interfaceName: string): Promise<void>;
}

/** The result of a verification. `ok` only when nothing failed, and somebody on the LAN answered a container. */
export interface Verification {
  readonly ok: boolean;
  readonly proofs: readonly Proof[];
}

/**
 * Prove that a container on the bridge is on the LAN: launch one by DHCP and one with a static address, look from
 * inside its network namespace across the uplink and from the host, restart it, look again, remove everything.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const proofs: Proof[] = [];
  const record: Recorder = async (id, title, look) => {
    const started = performance.now();
    const outcome = await look().catch((error: unknown) => ({
      state: 'failed' as const,
      detail: messageOf(error),
    }));
    const proof = { id, title, ...outcome, durationMs: Math.round(performance.now() - started) };
    proofs.push(proof);
    options.onProof(proof);
    return proof.state === 'proved';
  };
  const { host } = options;
  const shown = await host.run(['ip', 'link', 'show', 'dev', options.bridge], { check: false });
  if (shown.exitCode !== 0) {
    await record('bridge', `${options.bridge} exists`, async () => ({
      state: 'failed',
      detail: `there is no ${options.bridge}; set the host up first`,
    }));
    return { ok: false, proofs };
  }
  const image = await testImage(host, options.image);
  try {
    const byDhcp = { method: 'dhcp', addressRule: 'dhcp', answered: null } as const;
    const leased = await proveContainer(options, image.reference, byDhcp, record);
    const address = options.staticAddress ?? leased?.address.cidr ?? null;
    if (address === null) {
      await record('static', 'Static address', async () => ({
        state: 'failed',
        detail: 'no address to test with: the LAN gave none, and verify.container.address names none',
      }));
    } else {
      const addressRule = options.gateway === null ? address : `${address}@${options.gateway}`;
      const answered = leased?.answered ?? null;
      await proveContainer(options, image.reference, { method: 'static', addressRule, answered }, record);
    }
  } finally {
    await removeTestImage(host, image);
  }
  const failed = proofs.some(({ state }) => state === 'failed');
  return { ok: !failed && proofs.some(({ id, state }) => id.endsWith('-lan') && state === 'proved'), proofs };
}

/** What one container has shown. */
interface Seen {
  readonly address: ContainerAddress;
  /** Somebody on the LAN who answered it, where nobody was named. */
  readonly answered: string | null;
}

/** How a container gets its address, and what is known of its LAN. */
interface Candidate {
  readonly method: 'dhcp' | 'static';
  readonly addressRule: string;
  readonly answered: string | null;
}

/** Launch one container, prove it, restart it, prove it again, remove it. What it has shown. */
async function proveContainer(
  options: VerifyOptions,
  image: string,
  candidate: Candidate,
  record: Recorder,
): Promise<Seen | null> {
  const { host } = options;
  const { method } = candidate;
  // Always the same: so is its MAC address, and the LAN's DHCP server has one lease for it, not one a run.
  const name = `bridge-setup-verify-${method}`;
  const rule = `${options.bridge} -i ${LINK} @CONTAINER_NAME@ ${candidate.addressRule}`;
  // A run that was killed may have left its container.
  await host.docker.remove(name);
  try {
    const id = await host.docker.start({
      name,
      image,
      command: ['sleep', '3600'],
      env: [`pipework_cmd=${rule}`],
      networkMode: 'none',
      labels: { [LABEL]: method },
    });
    const attach = async () => options.ownRuntime?.attach(rule.replace('@CONTAINER_NAME@', name));
    const first = await proveRound(options, { ...candidate, id, when: '', attach }, record);
    if (first === null) return null;
    await options.ownRuntime?.detach(id, LINK);
    await host.docker.restart(id);
    const again = { ...candidate, id, when: ' after a restart', attach, answered: first.answered };
    const second = await proveRound(options, again, record);
    if (second !== null) {
      await record(`${method}-same-address`, `${label(method)}: same address after a restart`, async () =>
        second.address.cidr === first.address.cidr
          ? { state: 'proved', detail: second.address.cidr }
          : { state: 'failed', detail: `${first.address.cidr} before, ${second.address.cidr} after` },
      );
    }
    return second ?? first;
  } finally {
    // By name: a container that was made, and did not start, has told no id.
    await options.ownRuntime?.detach(name, LINK).catch(() => {});
    await host.docker.remove(name);
  }
}

const label = (method: 'dhcp' | 'static') => (method === 'dhcp' ? 'DHCP' : 'Static');

/** One start of a test container. */
interface Round extends Candidate {
  readonly id: string;
  /** Empty, or ` after a restart`. */
  readonly when: string;
  readonly attach: () => Promise<void>;
}

async function proveRound(options: VerifyOptions, round: Round, record: Recorder): Promise<Seen | null> {
  const { host, bridge, uplink, gateway } = options;
  const { id, method, when } = round;
  const key = `${method}${when === '' ? '' : '-restarted'}`;
  let seen: ContainerAddress | null = null;
  let pid = 0;
  await record(`${key}-address`, `${label(method)} address${when}`, async () => {
    await round.attach();
    const timeoutMs = ADDRESS_TIMEOUT_MS + (await portDelayMs(host, bridge));
    const found = await awaitAddress(host, id, timeoutMs).catch((error: unknown) => messageOf(error));
    if (typeof found === 'string') {
      // A LAN without a DHCP server is in order where the answers bring an address. One that answers the host is not.
      const isOptional = method === 'dhcp' && options.staticAddress !== null;
      if (isOptional && !(await options.hasDhcpServer().catch(() => true))) {
        return { state: 'skipped', detail: `${found} No DHCP server answers this host either.` };
      }
      return { state: 'failed', detail: found };
    }
    seen = found.address;
    pid = found.pid;
    await awaitForwarding(host, bridge);
    return { state: 'proved', detail: `${found.address.cidr} on ${LINK}, MAC ${found.address.mac}` };
  });
  const address = seen as ContainerAddress | null;
  if (address === null) return null;
  let { answered } = round;
  const dhcpServer = method === 'dhcp' ? await options.dhcpServer(id).catch(() => null) : null;
  const question: PeerQuestion = { host, bridge, uplink, pid, gateway, dhcpServer, answered };
  for (const target of options.targets) {
    const to = (whom: string) => `${label(method)}: container to ${whom} across ${uplink}${when}`;
    let peer: string | null = null;
    if (target === 'gateway') {
      peer = await proveAnyPeer(question, `${key}-lan`, to, record);
      answered = peer ?? answered;
    } else {
      const asked = { address: target, what: 'neighbour', required: true } as const;
      if (await record(`${key}-lan`, to(target), () => askPeer(question, asked))) peer = target;
    }
    // Once is enough: nothing of this changes by a restart, or goes by how a container got its address.
    if (peer !== null && when === '' && peer !== round.answered) {
      const by = (what: string) => `${label(method)}: ${what} between the container and ${peer}`;
      await proveTransport(host, pid, peer, key, by, record);
    }
  }
  await record(`${key}-host`, `${label(method)}: host to container${when}`, async () => {
    const count = await pingFromHost(host, address.address, PINGS);
    if (count === 0 && !(await hasAddress(host, bridge)))
      return { state: 'skipped', detail: `the host has no IPv4 address on ${bridge}` };
    return { state: count > 0 ? 'proved' : 'failed', detail: `${count} of ${PINGS} pings came back` };
  });
  return { address, answered };
}

async function awaitAddress(
  host: Host,
  id: string,
  timeoutMs: number,
): Promise<{ address: ContainerAddress; pid: number }> {
  const deadline = host.clock.now() + timeoutMs;
  while (host.clock.now() < deadline) {
    const container = await host.docker.inspect(id);
    if (container === null || !container.running) throw new Error('the test container does not run');
    const address = await containerAddress(host, container.pid, LINK);
    if (address !== null) return { address, pid: container.pid };
    await host.clock.sleep(50);
  }
  throw new Error(
    `the container got no address within ${timeoutMs / 1000} s; is the attach runtime running?`,
  );
}
