import type { Host } from '../host/host.js';
import type { Outcome, Recorder } from './proof.js';

/** Ports that a router or a neighbour may have open. */
const TCP_PORTS = [53, 22, 80, 443];
const DNS = 53;
/** For this host, which tells who is worth asking, and for a container, whose first packet may get lost. */
const SECONDS = { host: '1', container: '3' };
/** Asks for the name servers of the root (RFC 1035): whoever serves DNS answers that, if only by a refusal. */
const QUERY = String.raw`\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01`;

/** What came back: an answer, a refusal by the other side, or nothing. */
type Reply = 'answer' | 'refusal' | null;

type Ask = (host: Host, enter: readonly string[], address: string) => Promise<Reply>;

/** bash(1) opens sockets by itself; nothing but numbers gets into its arguments. */
async function bash(
  host: Host,
  enter: readonly string[],
  script: string,
  words: readonly string[],
): Promise<Reply> {
  const seconds = enter.length === 0 ? SECONDS.host : SECONDS.container;
  const argv = [...enter, 'timeout', seconds, 'bash', '-c', script, 'bash', ...words];
  const { exitCode, stderr } = await host.run(argv, { check: false, timeoutMs: 10_000 });
  if (exitCode === 0) return 'answer';
  return /Connection refused/.test(stderr) ? 'refusal' : null;
}

const tcp =
  (port: number): Ask =>
  (host, enter, address) =>
    bash(host, enter, 'exec 3<>"/dev/tcp/$1/$2"', [address, String(port)]);

const udp: Ask = async (host, enter, address) => {
  const script = `exec 3<>"/dev/udp/$1/$2" && printf '${QUERY}' >&3 && [ "$(head -c 2 <&3 | wc -c)" -eq 2 ]`;
  const ask = () => bash(host, enter, script, [address, String(DNS)]);
  // One packet may get lost.
  return (await ask()) ?? (await ask());
};

/**
 * Prove that TCP and UDP pass between a container and somebody on the LAN, both ways: a firewall may let pings through and
 * drop the rest. Asked is what answers this host; where nothing does, that is said.
 * @param title of the proof, for what is tried
 */
export async function proveTransport(
  host: Host,
  pid: number,
  address: string,
  key: string,
  title: (what: string) => string,
  record: Recorder,
): Promise<void> {
  const enter = ['nsenter', `--net=/proc/${pid}/ns/net`, '--'];
  await record(`${key}-tcp`, title('TCP'), async () => {
    const tried = await Promise.all(
      TCP_PORTS.map(async (port) => ({ port, reply: await tcp(port)(host, [], address) })),
    );
    const best = tried.find(({ reply }) => reply === 'answer') ?? tried.find(({ reply }) => reply !== null);
    if (best === undefined || best.reply === null) return notTried('TCP', `on port ${TCP_PORTS.join(', ')}`);
    const seen = await tcp(best.port)(host, enter, address);
    return compared(best.reply, seen, `port ${best.port} of ${address}`);
  });
  await record(`${key}-udp`, title('UDP'), async () => {
    const own = await udp(host, [], address);
    if (own === null) return notTried('UDP', 'as a DNS server');
    return compared(own, await udp(host, enter, address), `port ${DNS} of ${address}`);
  });
}

const notTried = (what: string, where: string): Outcome => ({
  state: 'skipped',
  detail: `not tried: it answers this host nothing by ${what} ${where}; name a host that does in verify.ping`,
});

/** A refusal where this host gets an answer comes from a firewall in between. */
function compared(own: 'answer' | 'refusal', seen: Reply, what: string): Outcome {
  if (seen === null || (own === 'answer' && seen === 'refusal')) {
    const got = seen === null ? 'nothing came back to the container' : 'the container is refused';
    const detail = `${what} answers this host, and ${got}: a firewall drops it; \`bridge-setup doctor\` tells which rule`;
    return { state: 'failed', detail };
  }
  return {
    state: 'proved',
    detail: `${what} ${seen === 'answer' ? 'answers' : 'refuses, which is an answer'}`,
  };
}
