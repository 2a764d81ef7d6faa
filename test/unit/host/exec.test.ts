import childProcess from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../src/host/command.js';
import { run, spawn } from '../../../src/host/exec.js';
import type { RunOptions } from '../../../src/host/host.js';
import { temporaryFolder } from '../support/temporary.js';

const shell = (script: string, options: RunOptions = {}) => run(['sh', '-c', script], options);
const unchecked = { check: false } as const;

/** Whether a process runs; one that has ended may stay in the list until somebody asks how. */
function isRunning(pid: string): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z';
  return !/\) [ZX]/.test(stat);
}

describe('run', () => {
  it('gives back what was said, and how it ended', async () => {
    const done = await shell('echo out; echo err >&2; exit 3', unchecked);
    expect(done).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(done.durationMs).toBeGreaterThan(0);
  });

  it('throws what failed, unless that is asked for', async () => {
    const error = await shell('echo no lease >&2; exit 3').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toMatch(/exited 3:\nno lease$/);
  });

  it('does not go through a shell', async () => {
    expect((await run(['echo', '$HOME; *'])).stdout).toBe('$HOME; *\n');
  });

  it('is 127 for a missing program, and 126 for one that cannot be run', async () => {
    expect(await run(['no-such-program'], unchecked)).toMatchObject({
      exitCode: 127,
      stdout: '',
      stderr: 'no-such-program: command not found',
    });
    expect(await run([await temporaryFolder()], unchecked)).toMatchObject({ exitCode: 126, stdout: '' });
    await expect(run(['echo', 'x'.repeat(2 ** 18)])).rejects.toThrow(/exited 126:\n.*E2BIG/s);
  });

  it('throws, whatever is tolerated, where the kernel has no process to give: that is no answer', async () => {
    const own = childProcess.spawn;
    childProcess.spawn = () => {
      throw Object.assign(new Error('spawn ip EAGAIN'), { code: 'EAGAIN' });
    };
    syncBuiltinESMExports();
    try {
      await expect(run(['ip', 'route'], unchecked)).rejects.toThrow(/EAGAIN/);
    } finally {
      childProcess.spawn = own;
      syncBuiltinESMExports();
    }
    expect((await run(['true'], unchecked)).exitCode).toBe(0);
  });

  it('gives input, and else none to wait for', async () => {
    expect((await run(['cat'], { input: 'address add\n' })).stdout).toBe('address add\n');
    expect((await run(['cat'])).stdout).toBe('');
  });

  it('speaks no other language, knows the sbin folders, and takes variables', async () => {
    const { stdout } = await shell('echo $LC_ALL $MORE; echo $PATH', { env: { MORE: 'yes' } });
    expect(stdout).toMatch(/^C yes\n.*\/usr\/sbin/);
  });

  it('ends what exceeds its time', async () => {
    const started = performance.now();
    expect(await run(['sleep', '20'], { ...unchecked, timeoutMs: 100 })).toMatchObject({ exitCode: null });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('ends what was called off', async () => {
    const controller = new AbortController();
    const sleeping = run(['sleep', '20'], { ...unchecked, signal: controller.signal });
    controller.abort();
    expect((await sleeping).exitCode).toBeNull();
  });

  it('does not wait for what a command leaves running', async () => {
    const started = performance.now();
    expect((await shell('sleep 20 & echo $!; echo up')).stdout).toMatch(/^\d+\nup\n$/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('ends at its time, also when what it waited for has no such limit', async () => {
    const started = performance.now();
    // A shell that waits, as ifup waits for dhclient.
    const limits = { ...unchecked, timeoutMs: 200, ownProcessGroup: true };
    const { stdout } = await shell('sleep 20 & echo $!; wait', limits);
    expect(performance.now() - started).toBeLessThan(5000);
    await expect.poll(() => isRunning(stdout.trim())).toBe(false);
  });

  it('loses nothing of much output, nor of what is read late', async () => {
    const talk = 'head -c 5000000 /dev/zero | tr "\\0" x';
    expect((await shell(talk)).stdout).toHaveLength(5_000_000);
    const talking = shell('head -c 60000 /dev/zero | tr "\\0" x; sleep 20 &');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil);
    expect((await talking).stdout).toHaveLength(60_000);
  });
});

describe('onLine', () => {
  const linesOf = async (script: string) => {
    const lines: string[] = [];
    await shell(script, { onLine: (line) => lines.push(line) });
    return lines;
  };

  it('gets each line whole, however it comes', async () => {
    expect(await linesOf('printf "a\\nb"; sleep 0.1; printf "c\\n\\nd"')).toEqual(['a', 'bc', '', 'd']);
  });

  it('gets a last line without an end of line, also from a command that leaves something running', async () => {
    expect(await linesOf('printf "no end"')).toEqual(['no end']);
    expect(await linesOf('printf "no end"; sleep 20 &')).toEqual(['no end']);
  });

  it('gets both streams, and characters that arrive in halves', async () => {
    expect((await linesOf('echo out; sleep 0.1; echo err >&2')).sort()).toEqual(['err', 'out']);
    expect(await linesOf(String.raw`printf "\303"; sleep 0.1; printf "\251\n"`)).toEqual(['é']);
  });
});

describe('spawn', () => {
  it('hands over lines, and tells the end', async () => {
    const lines: string[] = [];
    const child = spawn(['sh', '-c', 'read -r line; echo "heard $line"; exit 4'], {
      onLine: (line) => lines.push(line),
    });
    child.write('hello\n');
    expect(await child.exited).toEqual({ exitCode: 4, signal: null });
    expect(lines).toEqual(['heard hello']);
  });

  it('can be stopped', async () => {
    const child = spawn(['sleep', '20']);
    expect(child.pid).toBeGreaterThan(1);
    child.kill();
    expect(await child.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('never rejects, also for a program that is not there', async () => {
    expect((await spawn(['no-such-program']).exited).exitCode).not.toBe(0);
  });
});
