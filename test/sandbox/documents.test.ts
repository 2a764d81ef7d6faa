import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  addressOf,
  answersFromLan,
  docker,
  eventually,
  PROJECT,
  setUpForContainers,
  startHost,
} from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
  await setUpForContainers(copy);
  await copy.startDaemon();
});
afterEach(async () => {
  const ids = (await docker(copy, 'ps', '--all', '--quiet')).split('\n').filter(Boolean);
  if (ids.length > 0) await docker(copy, 'rm', '-f', ...ids);
});
afterAll(() => copy?.stop());

/** Every `docker run` of a document's shell blocks, each in one line. */
function runs(file: string): string[] {
  const blocks = [...readFileSync(`${PROJECT}/${file}`, 'utf8').matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)];
  const lines = blocks.flatMap(([, block = '']) => block.replace(/\\\n/g, ' ').split('\n'));
  return lines
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line.startsWith('docker run'));
}

describe.each(['README.md', 'docs/first-container.md', 'docs/addresses.md'])('%s', (file) => {
  it.each(runs(file))('%s', async (line) => {
    // As it stands there, but for the image: the LAN of the test has no registry.
    await copy.sandbox.run(['sh', '-c', line.replace(/ (nginx|redis)$/, ' box sleep 3600')]);
    const name = /--name=(\S+)/.exec(line)?.[1] ?? '';
    const wanted = / (192\.168\.1\.\d+)\/24/.exec(line)?.[1];
    const address = await eventually(`${name} has an address`, () => addressOf(copy, name));
    if (wanted !== undefined) expect(address).toBe(`${wanted}/24`);
    await answersFromLan(copy, address.replace(/\/.*/, ''));
  });
});
