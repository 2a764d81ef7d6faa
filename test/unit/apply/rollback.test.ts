import { appendFileSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.js';
import { listCheckpoints } from '../../../src/apply/checkpoint.js';
import { expectedAfter, traits } from '../../../src/apply/compare.js';
import { rollBack } from '../../../src/apply/rollback.js';
import { readJournal } from '../../../src/model/journal.js';
import type { Step } from '../../../src/model/plan.js';
import { door, network, planOf } from '../support/applied.js';
import { link } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { readTree, writeTree } from '../support/tree.js';

const STATE = ['/var/lib/bridge-setup'];
const OLD = { content: 'old\n', mode: 0o640 };
const BEFORE = { '/etc/network/interfaces': OLD, '/etc/gone': { content: 'to be removed\n', mode: 0o600 } };

const write = (path: string, content: string, before: string | null): Step => ({
  id: `write-${path}`,
  title: `Write ${path}`,
  kind: 'write-file',
  path,
  content,
  mode: 0o644,
  before,
});
const run = (id: string, undo: readonly string[] | null): Step => ({
  id,
  title: id,
  kind: 'run',
  argv: ['do', id],
  undo,
  timeoutSeconds: 3,
});
const CHANGES: readonly Step[] = [
  write('/etc/network/interfaces', 'new\n', 'old\n'),
  write('/etc/bridge-setup/runtime.json', '{}\n', null),
  { id: 'remove', title: 'remove', kind: 'remove-file', path: '/etc/gone', before: 'to be removed\n' },
];

async function host() {
  const made = new RootedHost(await temporaryFolder());
  writeTree(made.root, BEFORE);
  return made;
}

/** A host on which a plan was carried out, or as much of it as there was. */
async function changedHost(steps: readonly Step[] = CHANGES) {
  const made = await host();
  const { folder } = await applyPlan(planOf(...steps), door(made));
  return { host: made, folder, journal: join(made.root, folder, 'journal.jsonl') };
}

/** A host that crashed with this journal: of the effects, those of its whole intents have happened. */
async function crashedHost(journal: string) {
  const changed = await changedHost();
  const { host: made } = changed;
  writeFileSync(changed.journal, journal);
  const happened = readJournal(journal).entries;
  for (const step of CHANGES.slice(happened.length)) {
    if (step.kind === 'write-file') await made.files.remove(step.path);
    const before = Object.entries(BEFORE).find(([path]) => 'path' in step && path === step.path);
    if (before !== undefined) writeTree(made.root, Object.fromEntries([before]));
  }
  return changed;
}

describe('rollBack', () => {
  it('finds nothing to take back on a host that was never touched', async () => {
    expect(await rollBack(door(await host()))).toBeNull();
  });

  it('restores, creates and removes files, to the byte and the mode; a second time there is nothing to do', async () => {
    const { host: changed } = await changedHost();
    expect(readTree(changed.root, STATE)).not.toEqual(BEFORE);
    expect(await rollBack(door(changed))).toEqual({ leftovers: [], steps: 3 });
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
    expect(await rollBack(door(changed))).toBeNull();
  });

  it('runs the undo of commands, last first', async () => {
    const { host: changed } = await changedHost([
      run('a', ['undo', 'a']),
      run('b', null),
      run('c', ['undo', 'c']),
    ]);
    changed.commands.length = 0;
    await rollBack(door(changed));
    expect(changed.commands.map(({ argv }) => argv.join(' '))).toEqual(['undo c', 'undo a']);
  });

  it('takes back what a failed plan got done', async () => {
    const made = await host();
    made.script = ([, id]) => (id === 'bad' ? { exitCode: 1, stderr: 'no' } : undefined);
    const outcome = await applyPlan(planOf(...CHANGES, run('bad', ['undo', 'bad'])), door(made));
    expect(outcome.state).toBe('failed');
    made.script = () => undefined;
    expect((await rollBack(door(made), { folder: outcome.folder }))?.leftovers).toEqual([]);
    expect(readTree(made.root, STATE)).toEqual(BEFORE);
  });

  it('does not begin where somebody else has changed a file since, and names the backup', async () => {
    const { host: changed, folder } = await changedHost();
    await changed.files.write('/etc/network/interfaces', 'their own\n');
    const now = readTree(changed.root);
    const error = await refusedBy(() => rollBack(door(changed)));
    expect([error.code, error.exitCode]).toEqual(['file-changed', 3]);
    expect(error.problems).toMatchObject([
      {
        message: expect.stringMatching(
          /interfaces was edited since bridge-setup wrote it:[\s\S]*-new\n\+their own\n/,
        ),
        remedy: expect.stringContaining(`${folder}/files/etc/network/interfaces`),
      },
    ]);
    expect(readTree(changed.root)).toEqual(now);
  });

  it('takes it back with --force, and keeps a copy of what was edited', async () => {
    const { host: changed, folder } = await changedHost();
    await changed.files.write('/etc/network/interfaces', 'their own\n');
    await changed.files.write('/etc/bridge-setup/runtime.json', 'mine\n');
    await changed.files.write('/etc/gone', 'it is back\n');
    expect((await rollBack(door(changed), { force: true }))?.leftovers).toEqual([]);
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
    const kept = (path: string) => changed.files.read(`${folder}/edited${path}`);
    expect(await kept('/etc/network/interfaces')).toBe('their own\n');
    expect(await kept('/etc/bridge-setup/runtime.json')).toBe('mine\n');
    expect(await kept('/etc/gone')).toBe('it is back\n');
  });

  it('gives a file its owner and times back', async () => {
    const made = await host();
    const path = join(made.root, '/etc/network/interfaces');
    utimesSync(path, 1e9, 1e9);
    await applyPlan(planOf(...CHANGES), door(made));
    expect(statSync(path).mtimeMs).not.toBe(1e12);
    await rollBack(door(made));
    expect(statSync(path).mtimeMs).toBe(1e12);
  });

  it('goes only through what lasts when the host boots', async () => {
    const { host: changed } = await changedHost([
      ...CHANGES,
      run('enable', ['systemctl', 'disable', 'bridge-setup.service']),
      run('start', ['systemctl', 'stop', 'bridge-setup.service']),
      run('up', ['ifdown', 'br0']),
    ]);
    changed.commands.length = 0;
    let looks = 0;
    const booting = door(changed, () => network({ mtu: looks++ } as object));
    expect((await rollBack(booting, { atBoot: true }))?.leftovers).toEqual([]);
    expect(changed.commands.map(({ argv }) => argv.join(' ')).filter((line) => !/^cp /.test(line))).toEqual([
      'systemctl disable bridge-setup.service',
    ]);
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
    expect(looks).toBe(0);
  });

  it('leaves such a file alone after a plan that failed, says so, and restores the rest', async () => {
    const { host: changed, folder } = await changedHost();
    await changed.files.write('/etc/network/interfaces', 'their own\n');
    const result = await rollBack(door(changed), { folder });
    expect(result?.leftovers).toEqual([
      {
        what: 'Restore /etc/network/interfaces: /etc/network/interfaces was changed by someone else; it is left as it is',
        remedy: `diff ${folder}/files/etc/network/interfaces /etc/network/interfaces`,
      },
    ]);
    expect(readTree(changed.root, STATE)).toEqual({
      ...BEFORE,
      '/etc/network/interfaces': { content: 'their own\n', mode: 0o640 },
    });
    // Once it is as it was, the rollback comes back to it, and to nothing else.
    await changed.files.write('/etc/network/interfaces', 'new\n');
    expect(await rollBack(door(changed))).toEqual({ leftovers: [], steps: 1 });
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
  });

  it('goes on after an undo that failed, and tells the command to paste', async () => {
    const { host: changed } = await changedHost([...CHANGES, run('up', ['ifdown', 'br0:1 2'])]);
    changed.script = ([program]) => (program === 'ifdown' ? { exitCode: 1, stderr: 'busy' } : undefined);
    const result = await rollBack(door(changed));
    expect(result?.leftovers).toEqual([
      { what: "Undo: up: `ifdown 'br0:1 2'` exited 1:\nbusy", remedy: "ifdown 'br0:1 2'", repeats: true },
    ]);
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
  });

  it('tries a stage of the live change again, and the others where it stays like that', async () => {
    const routes = (id: string, from: string): Step => ({
      id,
      title: id,
      kind: 'mark-interfaces',
      up: [from],
      down: [],
      kept: [],
    });
    const { host: changed } = await changedHost([...CHANGES, routes('one', 'br0'), routes('two', 'br0:1')]);
    const { write: writeFile } = changed.files;
    let failures = 0;
    Object.assign(changed.files, {
      write: async (path: string, content: string, mode?: number) => {
        if (path === '/run/network/ifstate' && failures-- > 0) throw new Error('busy');
        return writeFile(path, content, mode);
      },
    });
    failures = Number.POSITIVE_INFINITY;
    const left = (await rollBack(door(changed)))?.leftovers;
    expect(left?.map(({ what }) => what)).toEqual(['Undo: two: busy', 'Undo: one: busy']);
    expect(readTree(changed.root, [...STATE, '/run'])).toEqual(BEFORE);
    failures = 2;
    expect((await rollBack(door(changed)))?.leftovers).toEqual([]);
    expect(readTree(changed.root, [...STATE, '/run'])).toEqual(BEFORE);
  });

  it('tries to restore a file again, where the disk did not take it', async () => {
    const { host: changed } = await changedHost();
    const { write: writeFile } = changed.files;
    let failures = 2;
    Object.assign(changed.files, {
      write: async (path: string, content: string, mode?: number) => {
        if (path === '/etc/network/interfaces' && failures-- > 0) throw new Error('ENOSPC');
        return writeFile(path, content, mode);
      },
    });
    expect((await rollBack(door(changed)))?.leftovers).toEqual([]);
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
  });

  it('takes several runs back, the newest first', async () => {
    const { host: changed } = await changedHost();
    changed.time += 1000;
    await applyPlan(planOf(write('/etc/network/interfaces', 'newest\n', 'new\n')), door(changed));
    expect(await rollBack(door(changed))).toEqual({ leftovers: [], steps: 4 });
    expect(readTree(changed.root, STATE)).toEqual(BEFORE);
  });

  it('is guarded for each run; without a guard it does not begin, and does not stop half way either', async () => {
    const two = async () => {
      const { host: changed } = await changedHost();
      changed.time += 1000;
      await applyPlan(planOf(write('/etc/network/interfaces', 'newest\n', 'new\n')), door(changed));
      return changed;
    };
    const none = await two();
    const before = readTree(none.root, STATE);
    const fails = () => Promise.reject(new Error('no watchdog'));
    await expect(rollBack(door(none), { guard: fails })).rejects.toThrow('no watchdog');
    expect(readTree(none.root, STATE)).toEqual(before);
    expect((await listCheckpoints(none)).map(({ phase }) => phase)).toEqual(['committed', 'committed']);
    const folders: string[] = [];
    const guard = async (folder: string) => {
      if (folders.push(folder) === 2) await fails();
    };
    expect(await rollBack(door(none), { guard })).toEqual({ leftovers: [], steps: 4 });
    expect(new Set(folders).size).toBe(2);
    expect(readTree(none.root, STATE)).toEqual(BEFORE);
  });

  it('takes only the one back that it is given', async () => {
    const { host: changed } = await changedHost();
    changed.time += 1000;
    const { folder } = await applyPlan(
      planOf(write('/etc/network/interfaces', 'newest\n', 'new\n')),
      door(changed),
    );
    await rollBack(door(changed), { folder });
    expect(await changed.files.read('/etc/network/interfaces')).toBe('new\n');
  });

  it('restores everything from a journal that was cut anywhere, and then has nothing more to do', async () => {
    const whole = readFileSync((await changedHost()).journal, 'utf8');
    const ends = [...whole.matchAll(/\n/g)].map(({ index }) => index);
    for (const length of [0, 1, ...ends.flatMap((end) => [end - 9, end - 1, end, end + 1])]) {
      const { host: made, journal } = await crashedHost(whole.slice(0, length));
      expect((await rollBack(door(made)))?.leftovers, `cut at ${length}`).toEqual([]);
      expect(readTree(made.root, STATE), `cut at ${length}`).toEqual(BEFORE);
      expect(await rollBack(door(made)), `cut at ${length}: ${readFileSync(journal, 'utf8')}`).toBeNull();
    }
  });

  it('passes over lines of a journal that are garbage', async () => {
    const { host: changed, journal } = await changedHost();
    appendFileSync(journal, '\0\0\0\n{"state":');
    expect((await rollBack(door(changed)))?.leftovers).toEqual([]);
    expect(await rollBack(door(changed))).toBeNull();
  });
});

describe('after a command was undone', () => {
  const changed = () => changedHost([run('up', ['ifdown', 'br0'])]);

  it('reads the network again, and waits for it', async () => {
    const { host: made } = await changed();
    let looks = 0;
    const late = door(made, () => (++looks < 5 ? network({ routes: [] }) : network()));
    expect((await rollBack(late))?.leftovers).toEqual([]);
    expect(looks).toBe(5);
  });

  it('names each address, route and name server that did not come back', async () => {
    const { host: made, folder } = await changed();
    const bare = network({ links: [link({ addresses: [] })], routes: [], nameservers: [] });
    const result = await rollBack(
      door(made, () => bare),
      { folder },
    );
    expect(result?.leftovers.map(({ what }) => what)).toEqual([
      'Before: eth0 has 192.168.1.10/24. Not so now.',
      'Before: default route via 192.168.1.1 on eth0. Not so now.',
      'Before: name server 192.168.1.1. Not so now.',
    ]);
  });

  it('names a name server that was not there before, behind a link that is gone', async () => {
    const { host: made } = await changed();
    const nameservers = ['192.168.1.1', 'fe80::1%eth0', 'fe80::1%br0', '9.9.9.9'];
    const result = await rollBack(door(made, () => network({ nameservers })));
    expect(result?.leftovers).toEqual([
      {
        what: 'The name server fe80::1%br0 is behind a link that is gone.',
        remedy: 'remove it from /etc/resolv.conf',
      },
    ]);
  });

  it('looks after a stage of the live change, too', async () => {
    const { host: made } = await changedHost([
      { id: 'mark', title: 'Mark', kind: 'mark-interfaces', up: [], down: [], kept: [] },
    ]);
    const result = await rollBack(door(made, () => network({ routes: [] })));
    expect(result?.leftovers.map(({ what }) => what)).toEqual(['Before: default route on eth0. Not so now.']);
  });

  it('does not look where only files were restored', async () => {
    const { host: made } = await changedHost();
    let looks = 0;
    await rollBack(door(made, () => network({ mtu: looks++ } as object)));
    expect(looks).toBe(0);
  });
});

describe('what a rollback is judged by', () => {
  it('leaves out what changes by itself', () => {
    const veth = link({ name: 'veth1', kind: 'veth', master: 'docker0' });
    const withVeth = network({ links: [...network().links, veth] });
    expect(traits(withVeth)).toEqual(traits(network()));
    expect(JSON.stringify(traits(network()))).not.toContain('fe80');
  });

  it('expects what a DHCP server gave only where it is still there, weeks later', () => {
    const leased = (name: string, address: string) =>
      link({ name, addresses: [{ family: 4, address, prefix: 24, scope: 'global', dynamic: true }] });
    const before = network({ links: [leased('eth0', '192.168.1.50')] });
    const texts = [
      'eth0 has 192.168.1.50/24',
      'default route via 192.168.1.1 on eth0',
      'name server 192.168.1.1',
    ];
    expect(expectedAfter(before, null)).toEqual(texts);
    const routes = before.routes.map((route) => ({ ...route, link: 'br0' }));
    const moved = network({ links: [leased('br0', '192.168.1.50')], routes });
    expect(expectedAfter(before, moved)).toEqual(texts);
    expect(expectedAfter(before, network({ ...moved, links: [leased('br0', '192.168.1.99')] }))).toEqual([
      'eth0 has an IPv4 address',
      ...texts.slice(1),
    ]);
    const bare = network({ links: [], routes: [], nameservers: [] });
    expect(expectedAfter(before, bare)).toEqual([
      'eth0 has an IPv4 address',
      'default route on eth0',
      'a name server',
    ]);
  });
});
