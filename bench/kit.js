// The benches are plain JavaScript, so what they take from the program is bundled first.
import { bundle } from '../scripts/bundle.js';

await bundle({ kit: 'bench/kit.ts' }, 'build');
export const { DAEMON_ENVIRONMENT, DAEMON_NODE_FLAGS, localHost, modelHost, RunningCopy } = await import(
  '../build/kit.js'
);
