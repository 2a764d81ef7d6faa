import type { RunningCopy } from '../../src/rehearse/copy.js';
import { CLEAR, DOWN, SERVICE, type, writeFiles } from './network-scripts.js';
import type { StoryManager } from './network-story.js';

/** RHEL 7's network service, in a story. Its NIC is eth0 in all scenarios. */
export function ifcfgManager(copy: RunningCopy): StoryManager {
  const up = async (command: string) => {
    const { exitCode, stdout, stderr } = await type(copy, `${SERVICE} ${command}`);
    // Many a failure ends with 0; those show in the network.
    return exitCode === 0 ? [] : (stdout + stderr).split('\n').slice(-8);
  };
  return {
    isOwn: (path) => /^\/etc\/(sysconfig|dhcp)\//.test(path),
    prepare: async (files) => {
      await type(copy, CLEAR);
      await writeFiles(copy, files);
    },
    boot: () => up('start'),
    restart: () => up('restart'),
    down: async () => void (await type(copy, DOWN)),
    end: async () => void (await type(copy, CLEAR)),
  };
}
