import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { removeTestImage, testImage } from './image.js';
import {
  awaitForwarding,
  type ContainerAddress,
  containerAddress,
  pingFromContainer,
  pingFromHost,
  portOfNeighbour,
} from './observe.js';

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
  /** What a container must reach across the uplink. */
  readonly targets: readonly string[];
  readonly image: string | null;
  /** Address with prefix for the static container; `null`: the one that the LAN's DHCP server just gave. */
  readonly staticAddress: string | null;
  readonly gateway: string | null;
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

/** One thing that was seen, or was not. */
export interface Proof {
  readonly id: string;
  readonly title: string;
  readonly state: 'proved' | 'failed' | 'skipped';
  /** What was seen, as figures. */
  readonly detail: string;
  readonly durationMs: number;
}

/** The result of a verification. `ok` only when nothing failed and something was proved. */
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
    const leased = await proveContainer(options, image.reference, 'dhcp', 'dhcp', record);
    const address = options.staticAddress ?? leased?.cidr ?? null;
    if (address === null) {
      await record('static', 'Static address', async () => ({
        state: 'failed',
        detail: 'no address to test with: the LAN gave none, and verify.container.address names none',
      }));
    } else {
      const rule = options.gateway === null ? address : `${address}@${options.gateway}`;
      await proveContainer(options, image.reference, 'static', rule, record);
    }
  } finally {
    await removeTestImage(host, image);
  }
  return { ok: proofs.length > 0 && proofs.every(({ state }) => state !== 'failed'), proofs };
}

type Outcome = Pick<Proof, 'state' | 'detail'>;
type Recorder = (id: string, title: string, look: () => Promise<Outcome>) => Promise<boolean>;

/** Launch one container, prove it, restart it, prove it again, remove it. The address it had. */
async function proveContainer(
  options: VerifyOptions,
  image: string,
  method: 'dhcp' | 'static',
  addressRule: string,
  record: Recorder,
): Promise<ContainerAddress | null> {
  const { host } = options;
  // Always the same: so is its MAC address, and the LAN's DHCP server has one lease for it, not one a run.
  const name = `bridge-setup-verify-${method}`;
  const rule = `${options.bridge} -i ${LINK} @CONTAINER_NAME@ ${addressRule}`;
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
    const first = await proveRound(options, id, method, '', attach, record);
    if (first === null) return null;
    await options.ownRuntime?.detach(id, LINK);
    await host.docker.restart(id);
    const second = await proveRound(options, id, method, ' after a restart', attach, record);
    if (second !== null) {
      await record(`${method}-same-address`, `${label(method)}: same address after a restart`, async () =>
        second.cidr === first.cidr
          ? { state: 'proved', detail: second.cidr }
          : { state: 'failed', detail: `${first.cidr} before, ${second.cidr} after` },
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

async function proveRound(
  options: VerifyOptions,
  id: string,
  method: 'dhcp' | 'static',
  when: string,
  attach: () => Promise<void>,
  record: Recorder,
): Promise<ContainerAddress | null> {
  const { host } = options;
  const key = `${method}${when === '' ? '' : '-restarted'}`;
  let seen: ContainerAddress | null = null;
  let pid = 0;
  await record(`${key}-address`, `${label(method)} address${when}`, async () => {
    await attach();
    const found = await awaitAddress(host, id).catch((error: unknown) => messageOf(error));
    if (typeof found === 'string') {
      // A LAN without a DHCP server is in order where the answers bring an address.
      const optional = method === 'dhcp' && options.staticAddress !== null;
      return { state: optional ? 'skipped' : 'failed', detail: found };
    }
    seen = found.address;
    pid = found.pid;
    await awaitForwarding(host, options.bridge);
    return { state: 'proved', detail: `${found.address.cidr} on ${LINK}, MAC ${found.address.mac}` };
  });
  const address = seen as ContainerAddress | null;
  if (address === null) return null;
  for (const target of options.targets) {
    await record(
      `${key}-lan`,
      `${label(method)}: container to ${target} across ${options.uplink}${when}`,
      () => proveLan(options, pid, target),
    );
  }
  await record(`${key}-host`, `${label(method)}: host to container${when}`, async () => {
    const count = await pingFromHost(host, address.address, PINGS);
    return { state: count > 0 ? 'proved' : 'failed', detail: `${count} of ${PINGS} pings came back` };
  });
  return address;
}

async function proveLan(
  { host, bridge, uplink }: VerifyOptions,
  pid: number,
  target: string,
): Promise<Outcome> {
  const count = await pingFromContainer(host, pid, target, PINGS);
  if (count === 0)
    return { state: 'failed', detail: `none of ${PINGS} pings came back; \`bridge-setup doctor\` tells why` };
  const port = await portOfNeighbour(host, pid, bridge, target);
  // Off-subnet targets answer through the gateway, and have no entry of their own.
  if (port !== null && port !== uplink)
    return { state: 'failed', detail: `${target} answers behind ${port}, not across ${uplink}` };
  return {
    state: 'proved',
    detail: `${count} of ${PINGS} pings came back${port === null ? '' : `, behind port ${port}`}`,
  };
}

async function awaitAddress(host: Host, id: string): Promise<{ address: ContainerAddress; pid: number }> {
  const deadline = host.clock.now() + ADDRESS_TIMEOUT_MS;
  while (host.clock.now() < deadline) {
    const container = await host.docker.inspect(id);
    if (container === null || !container.running) throw new Error('the test container does not run');
    const address = await containerAddress(host, container.pid, LINK);
    if (address !== null) return { address, pid: container.pid };
    await host.clock.sleep(50);
  }
  throw new Error(
    `the container got no address within ${ADDRESS_TIMEOUT_MS / 1000} s; is the attach runtime running?`,
  );
}
