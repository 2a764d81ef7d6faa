import type { Child } from '../host/host.js';
import type { Sandbox } from './sandbox.js';

/** Network namespace of the LAN, named like the thing it stands for. */
const LAN = 'lan';
const BRIDGE = 'lan0';

/** The private LAN. */
export interface LanSpec {
  readonly gateway: string;
  /** Prefix length of the subnet. */
  readonly prefix: number;
  /** First and last address that the DHCP server hands out. */
  readonly range: readonly [string, string];
  /** Addresses by MAC that the DHCP server always gives. */
  readonly reservations: Readonly<Record<string, string>>;
  /** Name servers; the LAN answers at these addresses, and knows no name. */
  readonly nameservers: readonly string[];
  /** Without it the LAN has no IPv6 but link-local addresses. */
  readonly ipv6?: Ipv6Spec;
}

/** IPv6 on the private LAN. */
export interface Ipv6Spec {
  /** Of the gateway. */
  readonly address: string;
  /** Prefix length of the subnet; 64 with `ra`, since hosts make up the other half of their address (RFC 4862). */
  readonly prefix: number;
  /** Whether the gateway advertises itself and its prefix, so that hosts configure themselves. */
  readonly ra: boolean;
}

/** A link of the copy that leads to the LAN. */
export interface Cable {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
}

/**
 * A private LAN beside the copy of the host: a switch, a gateway that answers, a DHCP server. It has no link to
 * anything else. What its other hosts see is the truth about the copy.
 */
export class Lan {
  #server: Child | null = null;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly spec: LanSpec,
  ) {}

  /** Build it, and plug the host's NICs in. Cables beyond the first lead to a switch where nobody else is. */
  async start(cables: readonly Cable[]): Promise<void> {
    await this.sandbox.run(['ip', 'netns', 'add', LAN]);
    const { gateway, prefix, nameservers, ipv6 } = this.spec;
    await this.batch([
      'link set lo up',
      `link add ${BRIDGE} type bridge stp_state 0 forward_delay 0`,
      `addr add ${gateway}/${prefix} dev ${BRIDGE}`,
      ...nameservers
        .filter((server) => server !== gateway)
        .map((server) => `addr add ${server}/32 dev ${BRIDGE}`),
      // nodad: dnsmasq would find no address to bind to, and nobody else is there to have it.
      ...(ipv6 ? [`addr add ${ipv6.address}/${ipv6.prefix} dev ${BRIDGE} nodad`] : []),
      `link set ${BRIDGE} up`,
      'link add dark0 type bridge',
      'link set dark0 up',
    ]);
    // Its neighbour advertisements must say "router", or hosts drop the route to it again (RFC 4861, 7.2.5).
    if (ipv6) await this.run(['tee', `/proc/sys/net/ipv6/conf/${BRIDGE}/forwarding`], { input: '1' });
    for (const [index, { name, mac, mtu }] of cables.entries()) {
      const far = `far${index}`;
      await this.sandbox.run([
        ...['ip', 'link', 'add', name, 'address', mac, 'mtu', String(mtu), 'type', 'veth'],
        ...['peer', 'name', far, 'mtu', String(mtu), 'netns', LAN],
      ]);
      await this.batch([`link set ${far} master ${index === 0 ? BRIDGE : 'dark0'}`, `link set ${far} up`]);
    }
    await this.startDhcpServer();
  }

  /** Start the DHCP server; it forgets nothing while the sandbox lives. `more`: options of dnsmasq(8). */
  async startDhcpServer(more: readonly string[] = []): Promise<void> {
    const { gateway, range, reservations, nameservers, ipv6 } = this.spec;
    this.#server = this.sandbox.spawn(
      [
        'dnsmasq',
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        // Answers each question, with "no such name": what waits for DNS fails at once, as with a real server.
        '--address=/#/',
        '--no-resolv',
        '--no-hosts',
        `--interface=${BRIDGE}`,
        '--bind-interfaces',
        '--dhcp-authoritative',
        // Its ping check would add three seconds to every lease.
        '--no-ping',
        `--dhcp-range=${range[0]},${range[1]},1h`,
        `--dhcp-option=option:router,${gateway}`,
        ...(nameservers.length > 0 ? [`--dhcp-option=option:dns-server,${nameservers.join(',')}`] : []),
        ...(ipv6?.ra ? ['--enable-ra', `--dhcp-range=${ipv6.address},ra-only,${ipv6.prefix},1h`] : []),
        ...Object.entries(reservations).map(([mac, address]) => `--dhcp-host=${mac},${address}`),
        '--dhcp-leasefile=/tmp/lan.leases',
        '--pid-file=',
        '--user=root',
        ...more,
      ],
      { network: { namespace: LAN } },
    );
  }

  /** Take the DHCP server away. */
  async stopDhcpServer(): Promise<void> {
    this.#server?.kill();
    await this.#server?.exited;
    this.#server = null;
  }

  /** Run a command as another host of the LAN. */
  run(argv: readonly string[], options: { readonly check?: boolean; readonly input?: string } = {}) {
    return this.sandbox.run(argv, { ...options, network: { namespace: LAN } });
  }

  private batch(lines: readonly string[]) {
    return this.run(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** Pings from the LAN that came back; the address may be of either family. */
  async ping(address: string, count = 3): Promise<number> {
    const { stdout } = await this.run(['ping', '-n', '-c', String(count), '-i', '0.1', '-W', '1', address], {
      check: false,
    });
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
  }

  /** Watch an address of either family from the LAN; see `Watch`. */
  watch(address: string, intervalMs: number): Watch {
    return new Watch(intervalMs, (onLine) =>
      this.sandbox.spawn(['ping', '-n', '-D', '-i', String(intervalMs / 1000), '-W', '1', address], {
        network: { namespace: LAN },
        onLine,
      }),
    );
  }
}

/** An answer to a ping. */
interface Answer {
  /** When it arrived, in ms. */
  readonly at: number;
  readonly sequence: number;
  readonly roundTripMs: number;
}

/** What a watch has seen. */
export interface WatchResult {
  readonly answers: number;
  /** When each answer arrived, in ms since 1970. */
  readonly answeredAt: readonly number[];
  readonly longestSilenceMs: number | null;
}

/** A watch on one address: how long it was silent, as its answers arrived. */
export class Watch {
  readonly #answers: Answer[] = [];
  readonly #child: Child;

  constructor(
    private readonly intervalMs: number,
    start: (onLine: (line: string) => void) => Child,
  ) {
    this.#child = start((line) => {
      // ping -D: `[1700000000.123456] 64 bytes from 192.168.1.10: icmp_seq=7 ttl=64 time=0.1 ms`
      const found = /^\[(\d+\.\d+)\] \d+ bytes from .* icmp_seq=(\d+) .*time=([\d.]+) ms/.exec(line);
      if (found === null) return;
      const [at = 0, sequence = 0, roundTripMs = 0] = found.slice(1).map(Number);
      this.#answers.push({ at: at * 1000, sequence, roundTripMs });
    });
  }

  /** Stop. The longest silence between two answers, in ms; `null` when nothing ever answered. */
  async stop(): Promise<WatchResult> {
    this.#child.kill('SIGTERM');
    await this.#child.exited;
    return {
      answers: this.#answers.length,
      answeredAt: this.#answers.map(({ at }) => at),
      longestSilenceMs: longestSilence(this.#answers, this.intervalMs),
    };
  }
}

/**
 * The longest silence, in ms; `null` with fewer than two answers. A pause in which no question was left unanswered is
 * the asker's own, on a busy machine: of it counts no more than the interval, or how long the answer took.
 */
function longestSilence(answers: readonly Answer[], intervalMs: number): number | null {
  const silences = answers.slice(1).map((answer, index) => {
    const before = answers[index] ?? answer;
    const gap = answer.at - before.at;
    const unanswered = answer.sequence - before.sequence > 1;
    return unanswered ? gap : Math.max(Math.min(gap, intervalMs), answer.roundTripMs);
  });
  return silences.length === 0 ? null : Math.round(Math.max(...silences));
}
