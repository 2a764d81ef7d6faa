import type { ContainerInfo, StartContainer } from '../../../src/host/host.js';
import type { Proof } from '../../../src/verify/proof.js';
import { type VerifyOptions, verify } from '../../../src/verify/verify.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

const GATEWAY = '192.168.1.1';
const GATEWAY_MAC = '52:54:00:00:00:01';

/** What may go wrong on the LAN of a test. */
export interface Lan {
  bridge: boolean;
  /** Addresses that a container has, one a start; `null`: none ever comes. */
  addresses: (string | null)[];
  /** Targets that answer pings. */
  answering: Set<string>;
  /** Of the host, on the bridge. */
  hostAddress: string | null;
  /** Server that gave the leases; `null`: it is not known. */
  dhcpServer: string | null;
  /** A DHCP server answers the host. */
  hasDhcpServer: boolean;
  /** What TCP and UDP get from the gateway: on this host, and in a container. */
  transport: { host: 'open' | 'refused' | 'silent'; container: 'open' | 'refused' | 'silent' };
  /** Default gateway that a container has got. */
  containerGateway: string | null;
  /** Who answers ARP; the host has heard them, too. */
  neighbours: Set<string>;
  /** Port behind which the gateway is; `null`: nobody knows. */
  gatewayPort: string | null;
  images: Set<string>;
  registry: boolean;
  /** Why Docker starts no container. */
  startFails: Error | null;
}

/** A host with a bridge, Docker, and a LAN behind it. */
export class VerifiedHost extends FakeHost {
  readonly lan: Lan = {
    bridge: true,
    addresses: ['192.168.1.50'],
    answering: new Set([GATEWAY, '192.168.1.50']),
    hostAddress: '192.168.1.10',
    dhcpServer: null,
    hasDhcpServer: false,
    transport: { host: 'open', container: 'open' },
    containerGateway: null,
    neighbours: new Set([GATEWAY]),
    gatewayPort: 'eth0',
    images: new Set(['busybox:latest']),
    registry: true,
    startFails: null,
  };
  readonly started: StartContainer[] = [];
  #starts = 0;

  constructor() {
    super();
    Object.assign(this.docker, {
      hasImage: async (name: string) => this.lan.images.has(name),
      pull: async (name: string) => {
        if (!this.lan.registry) throw new Error('no route to the registry');
        this.lan.images.add(name);
      },
      importImage: async (_tar: string, name: string) => void this.lan.images.add(name),
      removeImage: async (name: string) => void this.lan.images.delete(name),
      start: async (options: StartContainer) => this.#start(options),
      restart: async () => void this.#starts++,
      remove: async (name: string) => this.#remove(name),
    } satisfies Partial<typeof this.docker>);
    this.script = (argv) => this.#answer(argv);
  }

  /** Run the whole proof, on `eth0` and to the gateway unless told otherwise. */
  async verify(options: Partial<VerifyOptions> = {}) {
    const shown: Proof[] = [];
    const verification = await verify({
      host: this,
      bridge: 'br0',
      uplink: 'eth0',
      targets: ['gateway'],
      image: null,
      staticAddress: null,
      gateway: GATEWAY,
      dhcpServer: async () => this.lan.dhcpServer,
      hasDhcpServer: async () => this.lan.hasDhcpServer,
      ownRuntime: null,
      onProof: (proof) => shown.push(proof),
      ...options,
    });
    return { ...verification, shown };
  }

  #start(options: StartContainer): string {
    this.started.push(options);
    const info: ContainerInfo = containerInfo({ id: `id-of-${options.name}`, name: options.name, pid: 321 });
    this.containers.set(info.id, info);
    // As Docker does: the container is made, and then does not start.
    if (this.lan.startFails !== null) throw this.lan.startFails;
    this.#starts++;
    return info.id;
  }

  #remove(idOrName: string): void {
    for (const { id, name } of [...this.containers.values()]) {
      if (id === idOrName || name === idOrName) this.containers.delete(id);
    }
  }

  #answer(argv: readonly string[]): { exitCode?: number; stdout?: string; stderr?: string } | undefined {
    const words = argv.join(' ');
    if (words === 'ip link show dev br0') return { exitCode: this.lan.bridge ? 0 : 1 };
    if (words.includes('ip -json address show')) return { stdout: this.#address() };
    if (words.includes('route show default')) {
      const gateway = this.lan.containerGateway;
      return { stdout: JSON.stringify(gateway === null ? [] : [{ dst: 'default', gateway }]) };
    }
    if (words.includes(' neighbour show')) {
      const known = [...this.lan.neighbours].filter((one) => argv.includes('dev') || one === argv.at(-1));
      return { stdout: JSON.stringify(known.map((dst) => ({ dst, lladdr: GATEWAY_MAC }))) };
    }
    if (words === 'ip -json -4 address show') {
      return { stdout: JSON.stringify([{ addr_info: [{ local: '192.168.1.10' }] }]) };
    }
    if (words === 'ip -json -4 address show dev br0') {
      const addr_info = this.lan.hostAddress === null ? [] : [{ local: this.lan.hostAddress }];
      return { stdout: JSON.stringify([{ addr_info }]) };
    }
    if (words.startsWith('bridge -json fdb')) {
      const port = this.lan.gatewayPort;
      return { stdout: JSON.stringify(port === null ? [] : [{ mac: GATEWAY_MAC, ifname: port }]) };
    }
    if (argv.includes('ping')) {
      const answers = this.lan.answering.has(argv.at(-1) ?? '') ? 3 : 0;
      return { exitCode: answers > 0 ? 0 : 1, stdout: `3 packets transmitted, ${answers} received` };
    }
    if (argv.includes('timeout')) {
      const reply = this.lan.transport[argv[0] === 'nsenter' ? 'container' : 'host'];
      return {
        exitCode: { open: 0, refused: 1, silent: 124 }[reply],
        stderr: reply === 'refused' ? 'bash: connect: Connection refused' : '',
      };
    }
    return words.startsWith('mktemp') ? { stdout: '/tmp/image\n' } : undefined;
  }

  #address(): string {
    const { addresses } = this.lan;
    const address = addresses[Math.min(this.#starts, addresses.length) - 1] ?? null;
    if (address === null) return '[{"operstate":"UP","addr_info":[]}]';
    const info = { family: 'inet', local: address, prefixlen: 24 };
    return JSON.stringify([{ operstate: 'UP', address: '02:00:00:00:00:50', addr_info: [info] }]);
  }
}
