import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalEntry, type JournalLine, readJournal } from '../../../src/model/journal.js';
import type { Step } from '../../../src/model/plan.js';
import { invert } from '../../../src/plan/invert.js';
import { invertRuns } from '../../../src/plan/invert-runs.js';
import { ModelFiles, type WishedChange } from '../support/model-files.js';

const run = (id: string, undo: readonly string[] | null): Step => ({
  id,
  title: id,
  kind: 'run',
  argv: ['do', id],
  undo,
  timeoutSeconds: 7,
});
const entry = (n: number, step: Step, parts: Partial<JournalEntry> = {}): JournalEntry => ({
  n,
  step,
  before: null,
  state: 'done',
  ...parts,
});

const client = (id: string, link: string): Step => ({
  id,
  title: id,
  kind: 'stop-dhcp-client',
  client: 'dhclient',
  link,
  argv: ['dhclient', link],
  heir: 'br0',
  heirArgv: ['dhclient', 'br0'],
});
const file = (path: string): Step => ({
  id: `write-${path}`,
  title: path,
  kind: 'write-file',
  path,
  content: 'new\n',
  mode: 0o644,
  before: null,
});

describe('invert: DHCP clients', () => {
  it('start once the files that they read are back, and before the program goes', () => {
    const steps = [
      file('/etc/systemd/system/bridge-setup.service'),
      file('/etc/cloud/cloud.cfg.d/99.cfg'),
      file('/etc/sysconfig/network-scripts/ifcfg-br0'),
      run('zone', ['undo', 'zone']),
      client('stop-6', 'eth0'),
      client('stop', 'eth0'),
      run('live', ['undo', 'live']),
    ];
    expect(invert(steps.map((step, n) => entry(n, step))).map(({ n, step }) => [n, step.kind])).toEqual([
      [6, 'run'],
      [3, 'run'],
      [2, 'remove-file'],
      [1, 'remove-file'],
      [5, 'start-dhcp-client'],
      [4, 'start-dhcp-client'],
      [0, 'remove-file'],
      [0, 'run'],
    ]);
  });
});

describe('invertRuns', () => {
  const setLink = (link: string, words: string, back: string): Step => ({
    id: words,
    title: words,
    kind: 'run',
    argv: ['ip', 'link', 'set', 'dev', link, ...words.split(' ')],
    undo: ['ip', 'link', 'set', 'dev', link, ...back.split(' ')],
    timeoutSeconds: 1,
  });
  const rule = (...words: string[]): Step => ({
    id: 'rule',
    title: 'rule',
    kind: 'insert-rule',
    program: 'iptables',
    chain: 'DOCKER-USER',
    rule: words,
    copies: 0,
  });
  const journal = (kind: 'set-up' | 'repair', ...steps: Step[]) => ({
    kind,
    entries: steps.map((step, n) => entry(n, step)),
  });
  const bridge: Step = {
    id: 'create-bridge',
    title: 'create-bridge',
    kind: 'create-bridge',
    bridge: 'br0',
    port: 'eth0',
    mac: '',
    stp: false,
    forwardDelay: 0,
  };
  const setUp = journal('set-up', bridge, run('live', ['undo', 'live']));
  const repair = journal(
    'repair',
    setLink('eth0', 'up', 'down'),
    setLink('eth0', 'master br0', 'nomaster'),
    setLink('br0', 'type bridge stp_state 0', 'type bridge stp_state 1'),
    setLink('br0', 'mtu 1500', 'mtu 1400'),
    run('runtime-start', ['systemctl', 'stop', 'bridge-setup.service']),
    rule('-i', 'br0', '-o', 'br0', '-j', 'ACCEPT'),
    rule('-j', 'DOCKER-USER'),
  );
  const titles = (runs: Parameters<typeof invertRuns>[0]) =>
    invertRuns(runs).map((steps) => steps.map(({ step }) => step.title));

  it('supersedes a repair by the rollback of its set-up, but for rules that name the bridge', () => {
    expect(titles([setUp, repair])).toEqual([['Undo: live', 'Undo: create-bridge'], ['Undo: rule']]);
    expect(invertRuns([setUp, repair])[1]?.[0]?.step).toMatchObject({ kind: 'remove-rule' });
  });

  it('takes the bridge out of the files of ufw and firewalld, too', () => {
    const ofFirewalls = journal(
      'repair',
      run('route', ['ufw', 'route', 'delete', 'allow', 'in', 'on', 'br0', 'out', 'on', 'br0']),
      {
        ...{ id: 'zone', title: 'zone', kind: 'firewall-zone' },
        ...{ link: 'br0', zone: 'public', before: null, lasting: true },
      },
    );
    expect(titles([setUp, ofFirewalls])[1]).toEqual([
      'Take br0 out of the zone public of firewalld',
      'Undo: route',
    ]);
  });

  it('undoes a repair alone, and one of a bridge that no set-up has made', () => {
    expect(titles([repair])[0]).toHaveLength(repair.entries.length);
    const undone = { ...setUp, entries: setUp.entries.map((one) => ({ ...one, state: 'undone' as const })) };
    expect(titles([undone, repair])[1]).toHaveLength(repair.entries.length);
  });

  it('does not set a bridge down, or its STP on, that goes right after', () => {
    const second = journal(
      'set-up',
      setLink('br0', 'up', 'down'),
      setLink('br0', 'type bridge stp_state 0', 'type bridge stp_state 1'),
      run('gateway', ['undo', 'gateway']),
    );
    expect(titles([setUp, second])[1]).toEqual(['Undo: gateway']);
    expect(titles([second])[0]).toHaveLength(3);
  });
});

describe('invert', () => {
  it('takes the last effect back first', () => {
    const entries = ['a', 'b', 'c'].map((id, n) => entry(n, run(id, ['undo', id])));
    expect(invert(entries).map(({ n, step }) => [n, step.id])).toEqual([
      [2, 'undo-c'],
      [1, 'undo-b'],
      [0, 'undo-a'],
    ]);
  });

  it('leaves out what was undone already, and takes back what may have happened', () => {
    const states = ['intent', 'done', 'undone'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states)), (given) => {
        const entries = given.map((state, n) => entry(n, run(`step-${n}`, ['undo']), { state }));
        const expected = entries.filter(({ state }) => state !== 'undone').map(({ n }) => n);
        expect(invert(entries).map(({ n }) => n)).toEqual(expected.toReversed());
      }),
    );
  });

  it('undoes a command by the command that its step names, with the time of the step', () => {
    const [undo] = invert([entry(0, run('up', ['ifdown', 'br0']))]);
    expect(undo?.step).toMatchObject({ argv: ['ifdown', 'br0'], undo: ['do', 'up'], timeoutSeconds: 7 });
    expect(invert([entry(0, run('flush', null))])).toEqual([]);
  });

  it('removes a program and the accept rule, and takes containers off before their bridge goes', () => {
    const steps: Step[] = [
      {
        id: 'program',
        title: 'program',
        kind: 'install-program',
        program: { root: '/src', version: '1', digest: 'd', node: '/node' },
        to: '/lib/program',
        commands: { '/bin/it': 'bin/it.js' },
        replaces: null,
      },
      run('bridge', ['ifdown', 'br0']),
      {
        id: 'expect',
        title: 'expect',
        kind: 'expect-network',
        bridge: 'br0',
        port: 'eth0',
        mac: '',
        address: null,
        gateway: null,
        probes: [],
        timeoutSeconds: 1,
      },
      { id: 'accept', title: 'accept', kind: 'accept-rule', bridge: 'br0' },
    ];
    expect(invert(steps.map((step, n) => entry(n, step))).map(({ step }) => step)).toMatchObject([
      { kind: 'remove-accept-rule', bridge: 'br0' },
      { kind: 'remove-endpoints', bridge: 'br0' },
      { kind: 'run', argv: ['ifdown', 'br0'] },
      { kind: 'remove-program', to: '/lib/program', commands: ['/bin/it'] },
    ]);
  });

  it('removes the link of a probe that was cut short, and has no undo of that', () => {
    const step: Step = {
      id: 'probe-second-mac',
      title: 'Probe',
      kind: 'probe-second-mac',
      uplink: 'eth0',
      link: 'bsprobe0',
      gateway: '192.168.1.1',
      remedy: '',
      timeoutSeconds: 3,
    };
    const undo = invert([entry(0, step, { state: 'intent' })]).map((one) => one.step);
    expect(undo).toMatchObject([{ kind: 'remove-probe-link', link: 'bsprobe0' }]);
    expect(invert(undo.map((one, n) => entry(n, one)))).toEqual([]);
  });

  it('has nothing to take back of packages and waiting', () => {
    const steps: Step[] = [
      { id: 'p', title: 'p', kind: 'install-packages', manager: 'apt', packages: ['iptables'] },
      { id: 'd', title: 'd', kind: 'await-docker', timeoutSeconds: 1 },
      { id: 'r', title: 'r', kind: 'await-runtime', unit: 'u', timeoutSeconds: 1 },
    ];
    expect(invert(steps.map((step, n) => entry(n, step)))).toEqual([]);
  });
});

describe('a plan and then its inverse', () => {
  const path = fc.constantFrom('/etc/network/interfaces', '/etc/a', '/etc/b');
  const content = fc.oneof(fc.constantFrom('', 'x', 'x\n'), fc.string({ unit: 'grapheme' }));
  const mode = fc.constantFrom(0o644, 0o600, 0o755);
  const disk = fc.dictionary(path, fc.record({ content, mode }));
  const change: fc.Arbitrary<WishedChange> = fc.oneof(
    fc.record({ kind: fc.constant('write-file' as const), path, content, mode }),
    fc.record({ kind: fc.constant('remove-file' as const), path }),
  );

  it('restores every file byte for byte, wherever a crash cut the work and its journal', () => {
    fc.assert(
      fc.property(disk, fc.array(change), fc.nat(), fc.boolean(), (before, changes, cut, effectCame) => {
        const files = new ModelFiles(before);
        const lines: JournalLine[] = changes.flatMap((wish, n) => files.intentAndDone(wish, n));
        const kept = lines.slice(0, cut % (lines.length + 1));

        const crashed = new ModelFiles(before);
        for (const [index, line] of kept.entries()) {
          // Of the last intent nobody knows whether its effect came.
          const known = index < kept.length - 1 || effectCame;
          if (line.state === 'intent' && known) crashed.carryOut(line.step);
        }
        const journal = kept.map((line) => JSON.stringify(line)).join('\n');
        for (const { step } of invert(readJournal(journal).entries)) crashed.carryOut(step);
        expect(crashed.all()).toEqual(new ModelFiles(before).all());
      }),
      { numRuns: 1000 },
    );
  });

  it('may be taken back twice', () => {
    fc.assert(
      fc.property(disk, fc.array(change), (before, changes) => {
        const files = new ModelFiles(before);
        const journal = changes.flatMap((wish, n) => files.intentAndDone(wish, n));
        const text = journal.map((line) => JSON.stringify(line)).join('\n');
        const { entries } = readJournal(text);
        for (const { step } of invert(entries)) files.carryOut(step);
        const restored = files.all();
        // The first undo was interrupted before its journal: each step comes again, from the last on.
        const [last] = invert(entries).toReversed();
        if (last !== undefined) files.carryOut(last.step);
        expect(files.all()).toEqual(restored);
      }),
    );
  });
});
