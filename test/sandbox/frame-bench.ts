import type { FilterTexts } from '../../src/firewall/frame/passage.js';
import type { Child, CommandResult, RunOptions, SpawnOptions } from '../../src/host/host.js';

/** What the bench needs of a sandbox. */
export interface Inside {
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  spawn(argv: readonly string[], options?: SpawnOptions): Child;
}

/** Who gets through from one side to the other: `4 icmp`, `6 tcp`, … */
export type Reached = Readonly<Record<string, boolean>>;

const PORT = 'bs0123456789ab';
const PREPARE = `set -e
for n in pa pb ph; do ip netns del $n 2>/dev/null || true; ip netns add $n; ip -n $n link set lo up; done
ip -n ph link add br0 type bridge; ip -n ph link set br0 up
ip -n ph link add eth0 type veth peer name eth0 netns pa
ip -n ph link add ${PORT} type veth peer name eth0 netns pb
for l in eth0 ${PORT}; do ip -n ph link set $l master br0 up; done
i=1
for n in pa pb; do
  ip -n $n link set eth0 address 02:00:00:00:09:0$i up
  ip -n $n addr add 10.9.0.$i/24 dev eth0; ip -n $n addr add fd09::$i/64 dev eth0 nodad
  o=$((3 - i))
  ip -n $n neigh replace 10.9.0.$o lladdr 02:00:00:00:09:0$o dev eth0 nud permanent
  ip -n $n neigh replace fd09::$o lladdr 02:00:00:00:09:0$o dev eth0 nud permanent
  i=2
done
`;

/** Answers TCP and UDP on one port, and asks the other side when a line comes: one JSON object for each. */
const STATION = `
const net = require('net'), dgram = require('dgram'), { execFile } = require('child_process');
const other = process.argv[1], WAIT = 250;
net.createServer((s) => { s.on('error', () => {}); s.end('x'); }).listen(7000, '::');
for (const type of ['udp4', 'udp6']) {
  const s = dgram.createSocket(type === 'udp6' ? { type, ipv6Only: true } : { type });
  s.on('message', (m, r) => s.send(m, r.port, r.address, () => {})); s.on('error', () => {}); s.bind(7000);
}
const icmp = (to) => new Promise((done) => execFile('ping', ['-n', '-c', '1', '-W', String(WAIT / 1000), to], (e) => done(!e)));
const tcp = (to) => new Promise((done) => {
  const s = net.connect({ host: to, port: 7000 });
  const end = (ok) => { s.destroy(); done(ok); };
  s.setTimeout(WAIT, () => end(false)); s.on('data', () => end(true)); s.on('error', () => end(false));
});
const udp = (to, type) => new Promise((done) => {
  const s = dgram.createSocket(type);
  const end = (ok) => { try { s.close(); } catch {} done(ok); };
  setTimeout(() => end(false), WAIT); s.on('message', () => end(true)); s.on('error', () => end(false));
  s.send('x', 7000, to, () => {});
});
require('readline').createInterface({ input: process.stdin }).on('line', async () => {
  const [v4, v6] = ['10.9.0.' + other, 'fd09::' + other];
  const [a, b, c, d, e, f] = await Promise.all([icmp(v4), tcp(v4), udp(v4, 'udp4'), icmp(v6), tcp(v6), udp(v6, 'udp6')]);
  console.log(JSON.stringify({ '4 icmp': a, '4 tcp': b, '4 udp': c, '6 icmp': d, '6 tcp': e, '6 udp': f }));
});
console.log('{}');`;

/** Two stations on a bridge of three namespaces: what the kernel does with frames between them under any rules. */
export class FrameBench {
  readonly #stations: { child: Child; lines: string[]; heard: () => void }[] = [];

  constructor(private readonly inside: Inside) {}

  async start(): Promise<void> {
    await this.inside.run(['sh', '-c', PREPARE]);
    for (const [name, other] of [
      ['pa', '2'],
      ['pb', '1'],
    ] as const) {
      const station = { child: null as unknown as Child, lines: [] as string[], heard: () => {} };
      station.child = this.inside.spawn(
        ['nsenter', `--net=/run/netns/${name}`, '--', process.execPath, '-e', STATION, other],
        {
          onLine: (line) => {
            station.lines.push(line);
            station.heard();
          },
        },
      );
      this.#stations.push(station);
    }
    await Promise.all([0, 1].map((index) => this.#next(index)));
  }

  async #next(index: number): Promise<string> {
    const station = this.#stations[index];
    if (station === undefined) throw new Error('there is no such station');
    while (station.lines.length === 0) await new Promise<void>((heard) => (station.heard = heard));
    return station.lines.shift() ?? '';
  }

  /** A command in the namespace of the host. */
  host(argv: readonly string[], options?: RunOptions): Promise<CommandResult> {
    return this.inside.run(['nsenter', '--net=/run/netns/ph', '--', ...argv], options);
  }

  async bridgeNf(on: boolean): Promise<void> {
    const value = on ? 1 : 0;
    const names = ['iptables', 'ip6tables'].map((name) => `net.bridge.bridge-nf-call-${name}=${value}`);
    await this.host(['sysctl', '-q', '-w', ...names]);
  }

  /** What gets through in both directions. */
  async ask(): Promise<Reached> {
    for (const { child } of this.#stations) child.write('\n');
    const [one, other] = await Promise.all([0, 1].map((index) => this.#next(index)));
    const answers = [one, other].map((line): Reached => JSON.parse(line ?? '{}'));
    return Object.fromEntries(
      Object.keys(answers[0] ?? {}).map((key) => [key, answers.every((each) => each[key] === true)]),
    );
  }

  /** What the program reads there. */
  async texts(bridgeNf: boolean): Promise<FilterTexts> {
    const out = async (...argv: string[]) => (await this.host(argv, { check: false })).stdout;
    return {
      ...{
        bridge: 'br0',
        uplink: 'eth0',
        ports: [PORT],
        isolated: [],
        callsIp: { 4: bridgeNf, 6: bridgeNf },
      },
      nft: await out('nft', 'list', 'ruleset'),
      iptables: [
        { program: 'iptables-nft', family: 4, text: await out('iptables-nft-save') },
        { program: 'ip6tables-nft', family: 6, text: await out('ip6tables-nft-save') },
      ],
      ebtables: [],
    };
  }

  async flush(): Promise<void> {
    await this.host(['nft', 'flush', 'ruleset']);
  }
}
