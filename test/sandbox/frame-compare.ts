import { type Passage, passages } from '../../src/firewall/frame/passage.js';
import type { FrameBench, Reached } from './frame-bench.js';
import { random, randomIptables, randomNft } from './random-filters.js';

/** What came of a comparison of the reader with the kernel. */
export interface Comparison {
  /** Answers of the reader that were yes or no, and those that were neither. */
  readonly told: number;
  readonly untold: number;
  /** Rule sets that their program refused. */
  readonly refused: number;
  readonly wrong: readonly string[];
}

/** Let the kernel and the reader answer the same question, for rule sets made at random from a seed. */
export async function comparing(bench: FrameBench, runs: number, seed: number): Promise<Comparison> {
  const next = random(seed);
  const wrong: string[] = [];
  let [told, untold, refused] = [0, 0, 0];
  for (let run = 0; run < runs; run += 1) {
    await bench.flush();
    const bridgeNf = next() < 0.8;
    await bench.bridgeNf(bridgeNf);
    const loads = next() < 0.2 ? 2 : 1;
    const loaded: string[] = [];
    for (let load = 0; load < loads; load += 1) {
      const isNft = next() < 0.5;
      const text = isNft ? randomNft(next) : randomIptables(next);
      const program = isNft ? ['nft', '-f', '-'] : [`${next() < 0.7 ? 'iptables' : 'ip6tables'}-nft-restore`];
      const input = program[0] === 'ip6tables-nft-restore' ? forIpv6(text) : text;
      const { exitCode } = await bench.host(program, { input, check: false });
      if (exitCode === 0) loaded.push(input);
      else refused += 1;
    }
    if (loaded.length === 0) continue;
    const texts = await bench.texts(bridgeNf);
    let kernel = await bench.ask();
    const read = passages(texts);
    // A busy machine may answer too late; one that drops does not answer later either.
    for (let turn = 0; turn < 2 && read.some((each) => differs(each, kernel)); turn += 1) {
      kernel = await bench.ask();
    }
    for (const passage of read) {
      const { family, protocol, passes, by } = passage;
      if (passes === 'unknown') untold += 1;
      else told += 1;
      if (!differs(passage, kernel)) continue;
      const where = `${family} ${protocol}: the reader says ${passes}, and the kernel does otherwise`;
      wrong.push(
        `seed ${seed}, run ${run}, bridge-nf ${bridgeNf}: ${where}, ${JSON.stringify(by)}\n${loaded.join('\n')}`,
      );
    }
  }
  await bench.flush();
  return { told, untold, refused, wrong };
}

/** Whether the reader is sure of something that is not so. ARP is not asked for. */
function differs({ family, protocol, passes }: Passage, kernel: Reached): boolean {
  const real = kernel[`${family} ${protocol}`];
  return real !== undefined && passes !== 'unknown' && (passes === 'yes') !== real;
}

/** The same rules for IPv6. */
const forIpv6 = (text: string) =>
  text
    .replaceAll('10.9.0.1/32', 'fd09::1/128')
    .replaceAll('-p icmp -m icmp --icmp-type 8', '-p ipv6-icmp -m icmp6 --icmpv6-type 128')
    .replaceAll('-p icmp', '-p ipv6-icmp');
