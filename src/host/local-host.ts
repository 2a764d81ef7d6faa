import { access, constants } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { pasteable } from './command.js';
import { nameServerAnswers } from './dns.js';
import { LocalDocker } from './docker.js';
import { run, spawn } from './exec.js';
import { localFiles } from './files.js';
import type { Host } from './host.js';
import { withIpJson } from './old-ip.js';

/** Where root's programs are. */
export const ROOT_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

async function which(program: string): Promise<string | null> {
  const folders = new Set([...(process.env.PATH ?? '').split(':'), ...ROOT_PATH]);
  for (const folder of folders) {
    if (!folder.startsWith('/')) continue;
    const path = `${folder}/${program}`;
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}

const runWithIpJson = withIpJson(run);

/**
 * The machine that the tool runs on.
 * @param onCommand called after each command with the command as one can paste it, and its duration
 */
export function localHost(onCommand: (command: string, durationMs: number) => void = () => {}): Host {
  return {
    run: async (argv, options) => {
      const started = performance.now();
      try {
        return await runWithIpJson(argv, options);
      } finally {
        onCommand(pasteable(argv), performance.now() - started);
      }
    },
    spawn: (argv, options) => {
      onCommand(`${pasteable(argv)} &`, 0);
      return spawn(argv, options);
    },
    signal: (pid, name) => {
      try {
        process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    which,
    files: localFiles,
    docker: new LocalDocker(),
    dns: { answers: nameServerAnswers },
    clock: {
      now: () => Date.now(),
      elapsed: () => performance.now(),
      sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
    },
    env: process.env,
    pid: process.pid,
    isRoot: () => process.geteuid?.() === 0,
  };
}
