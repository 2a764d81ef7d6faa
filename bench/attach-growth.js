import { addressOf, docker, startContainer } from './attach-hosts.js';
import { cniSingle } from './attach-others.js';
import { oursSingleWith, rssOf } from './attach-ours.js';
import { median, spread } from './figures.js';

const SIZES = [10, 50, 100, 200];
/** 200 copies of a question a millisecond would be the load that is measured. */
const PERIOD_MS = 4;
const RUNS = 15;
/** The first address behind those of the others. */
const FREE = 205;

/** What one more container costs, and the memory of the daemon, beside 10 to 200 others. */
export async function growth(copy) {
  console.log('one more container beside N others: until it answers; memory of the daemon');
  const daemon = await copy.startDaemon();
  let count = 0;
  try {
    for (const size of SIZES) {
      for (; count < size; count += 1) {
        await startContainer(
          copy,
          `grow${count}`,
          `br0 -i eth0 @CONTAINER_NAME@ ${addressOf(count)}/24@192.168.1.1`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const times = await oursSingleWith(copy, RUNS, FREE, PERIOD_MS);
      const rss = await rssOf(copy);
      const cni = await cniSingle(copy, RUNS, FREE, PERIOD_MS);
      console.log(
        `  ${String(size).padStart(3)}  ${spread(times).padEnd(16)} ms  ${rss.toFixed(0)} MiB   CNI ${spread(cni).padEnd(16)} ms  ${(median(times) / median(cni)).toFixed(2)} x`,
      );
    }
  } finally {
    daemon.kill();
    await daemon.exited;
  }
  for (let index = 0; index < count; index += 1) await docker(copy, 'rm', '--force', `grow${index}`);
  console.log();
}
