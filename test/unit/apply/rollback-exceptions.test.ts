import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.js';
import { listCheckpoints } from '../../../src/apply/checkpoint.js';
import { finishRollback } from '../../../src/apply/finish.js';
import { rollBack } from '../../../src/apply/rollback.js';
import { SetupError } from '../../../src/errors.js';
import type { Step } from '../../../src/model/plan.js';
import { door, network, planOf } from '../support/applied.js';
import { FakeHost } from '../support/fake-host.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { readTree, writeTree } from '../support/tree.js';

const STATE = ['/var/lib/bridge-setup'];
const INTERFACES = '/etc/network/interfaces';
const BEFORE = { [INTERFACES]: { content: 'old\n', mode: 0o644 } };

const CHANGES: readonly Step[] = [
  {
    id: 'write',
    title: 'write',
    kind: 'write-file',
    path: INTERFACES,
    content: 'new\n',
    mode: 0o644,
    before: 'old\n',
  },
  { id: 'run', title: 'run', kind: 'run', argv: ['do'], undo: ['undo'], timeoutSeconds: 3 },
  { id: 'mark', title: 'mark', kind: 'mark-interfaces', up: ['br0'], down: [], kept: [] },
];

/** A host that was set up, and whose calls are counted from here on. */
async function countedHost() {
  const host = new RootedHost(await temporaryFolder());
  writeTree(host.root, BEFORE);
  await applyPlan(planOf(...CHANGES), door(host));
  const counter = { calls: 0, throwsAt: 0 };
  const count = (name: string) => {
    counter.calls += 1;
    if (counter.calls === counter.throwsAt) throw new Error(`EAGAIN: ${name}`);
  };
  for (const [name, method] of Object.entries(host.files)) {
    Object.assign(host.files, {
      [name]: async (...args: unknown[]) => {
        count(name);
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    });
  }
  const run = host.run.bind(host);
  host.run = async (argv, options) => {
    count(argv.join(' '));
    return run(argv, options);
  };
  const readNetwork = () => {
    count('readNetwork');
    return network();
  };
  return { host, counter, services: door(host, readNetwork) };
}

describe('an exception in a rollback', () => {
  it('does not end it, wherever it is thrown: each step is undone', async () => {
    const rollBackWith = async (throwsAt: number) => {
      const { host, counter, services } = await countedHost();
      counter.throwsAt = throwsAt;
      const result = await rollBack(services).catch((error: unknown) => error);
      counter.throwsAt = 0;
      expect(result, `call ${throwsAt}`).toEqual({ leftovers: [], steps: 3 });
      expect(readTree(host.root, [...STATE, '/run']), `call ${throwsAt}`).toEqual(BEFORE);
      expect(host.commands.filter(({ argv }) => argv[0] === 'undo').length).toBeGreaterThan(0);
      return counter.calls;
    };
    const calls = await rollBackWith(0);
    expect(calls).toBeGreaterThan(30);
    await Promise.all(Array.from({ length: calls }, (_, index) => rollBackWith(index + 1)));
  }, 60_000);

  it('is none where ip(8) says that there is nothing to undo', async () => {
    const words = { argv: ['ip', 'route', 'add'], undo: ['ip', 'route', 'del'] };
    const rolledBack = async (stderr: string, undo: readonly string[] = words.undo) => {
      const host = new RootedHost(await temporaryFolder());
      writeTree(host.root, BEFORE);
      const step: Step = { id: 'route', title: 'route', kind: 'run', ...words, undo, timeoutSeconds: 3 };
      await applyPlan(planOf(step), door(host));
      host.script = (argv) => (argv.join(' ') === undo.join(' ') ? { exitCode: 2, stderr } : {});
      return (await rollBack(door(host)))?.leftovers;
    };
    expect(await rolledBack('RTNETLINK answers: No such process\n')).toEqual([]);
    expect(await rolledBack('Error: ipv4: Address not found.\n')).toEqual([]);
    expect(await rolledBack('Cannot find device "br0"\n')).toEqual([]);
    expect(await rolledBack('RTNETLINK answers: File exists\n', ['ip', 'route', 'add', 'x'])).toEqual([]);
    expect(await rolledBack('RTNETLINK answers: File exists\n')).toHaveLength(1);
    expect(await rolledBack('RTNETLINK answers: Network is unreachable\n')).toHaveLength(1);
    expect(await rolledBack('Cannot find device "br0"\n', ['undo'])).toHaveLength(1);
  });

  it('is a refusal where it lasts and nothing has begun', async () => {
    const { host, services } = await countedHost();
    const now = readTree(host.root);
    const broken = { ...services, readNetwork: () => Promise.reject(new Error('EAGAIN')) };
    const error = (await rollBack(broken).catch((thrown: unknown) => thrown)) as SetupError;
    expect(error).toBeInstanceOf(SetupError);
    expect([error.code, error.exitCode]).toEqual(['rollback-not-begun', 3]);
    expect(readTree(host.root)).toEqual(now);
  });

  it('is a leftover where it lasts and the network cannot be read afterwards', async () => {
    const { host, services } = await countedHost();
    const { folder = '' } = (await listCheckpoints(host))[0] ?? {};
    const broken = { ...services, readNetwork: () => Promise.reject(new Error('EAGAIN')) };
    const result = await rollBack(broken, { folder });
    expect(result?.leftovers).toEqual([
      { what: 'The network could not be read again: EAGAIN', remedy: 'ip address; ip route' },
    ]);
    expect(readTree(host.root, [...STATE, '/run'])).toEqual(BEFORE);
  });
});

describe('a stage that moves the network, and fails for good', () => {
  const dhclient = (link: string) => ['dhclient', '-pf', `/run/dhclient.${link}.pid`, link];
  const live = (step: object) => ({ id: (step as Step).kind, title: (step as Step).kind, ...step }) as Step;
  const PLAN = [
    CHANGES[0] as Step,
    live({
      kind: 'stop-dhcp-client',
      client: 'dhclient',
      link: 'eth0',
      argv: dhclient('eth0'),
      heir: 'br0',
      heirArgv: dhclient('br0'),
    }),
    live({ kind: 'add-port', bridge: 'br0', port: 'eth0', timeoutSeconds: 3 }),
    live({ kind: 'move-routes', from: 'eth0', to: 'br0' }),
    live({
      kind: 'start-dhcp-client',
      client: 'dhclient',
      link: 'br0',
      argv: dhclient('br0'),
      leaseOf: 'eth0',
      leaseArgv: dhclient('eth0'),
    }),
    live({ kind: 'mark-interfaces', up: ['br0'], down: ['eth0'], kept: [] }),
  ];
  const shown = (name: string, master?: string) =>
    JSON.stringify([
      { ifname: name, mtu: 1500, address: '', flags: ['UP'], operstate: 'UP', master, addr_info: [] },
    ]);

  async function changedHost() {
    const host = new RootedHost(await temporaryFolder());
    writeTree(host.root, { ...BEFORE, '/sys/class/net/eth0/brport/state': { content: '3\n', mode: 0o644 } });
    const port = { master: 'br0' as string | undefined, fails: false };
    host.script = (argv, { input }) => {
      const line = [...argv, input ?? ''].join(' ');
      const link = /^ip -json -details address show dev (\S+)/.exec(line)?.[1];
      if (link !== undefined) return { stdout: shown(link, link === 'eth0' ? port.master : undefined) };
      if (line.includes('nomaster')) {
        if (port.fails) return { exitCode: 1, stderr: 'busy' };
        port.master = undefined;
      }
      return undefined;
    };
    const { folder, state } = await applyPlan(planOf(...PLAN), door(host));
    expect(state).toBe('applied');
    host.commands.length = 0;
    return { host, port, folder };
  }
  const dhclients = ({ commands }: FakeHost) =>
    commands.filter(({ argv }) => argv[0] === 'dhclient').map(({ argv }) => argv.at(-1));

  it('leaves the host where it is, restores its files, and lets its lease be renewed there', async () => {
    const { host, port, folder } = await changedHost();
    port.fails = true;
    const result = await rollBack(door(host), { folder });
    expect(result?.leftovers.map(({ repeats }) => repeats)).toEqual([true]);
    expect(result?.leftovers[0]?.what).toMatch(/^Undo: add-port: .*busy/);
    expect(await host.files.read(INTERFACES)).toBe('old\n');
    expect(dhclients(host)).toEqual(['br0']);
    expect((await listCheckpoints(host))[0]?.phase).toBe('incomplete');
  });

  it('is repeated by the watchdog, and then the rest follows', async () => {
    const { host, port, folder } = await changedHost();
    await host.files.write(`${folder}/watchdog`, `${host.pid}\n`);
    port.fails = true;
    await rollBack(door(host), { folder });
    host.after(60_000, () => {
      port.fails = false;
    });
    expect(await finishRollback(host, folder, () => rollBack(door(host), { folder }))).toBe(true);
    expect((await listCheckpoints(host))[0]?.phase).toBe('rolled-back');
    expect(port.master).toBeUndefined();
    expect(dhclients(host).at(-1)).toBe('eth0');
    expect(readTree(host.root, [...STATE, '/run', '/sys'])).toEqual(BEFORE);
  });
});

describe('finishRollback', () => {
  const FOLDER = '/var/lib/bridge-setup/checkpoints/one';
  const host = () => {
    const made = new FakeHost();
    made.content.set(`${FOLDER}/journal.jsonl`, '{"state":"rolling-back"}\n');
    made.content.set(`${FOLDER}/watchdog`, `${made.pid}\n`);
    return made;
  };

  it('goes on after exceptions until it is done, with pauses that grow to some minutes', async () => {
    const made = host();
    const started = made.time;
    const hours = 6 * 3_600_000;
    let attempts = 0;
    const fails = async () => {
      attempts += 1;
      if (made.time - started < hours) throw new Error('EAGAIN');
      return { steps: 1, leftovers: [] };
    };
    expect(await finishRollback(made, FOLDER, fails)).toBe(true);
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(100);
  });

  it('ends where a person has kept the change, or has removed its checkpoint', async () => {
    const made = host();
    made.after(3_600_000, () => void made.content.set(`${FOLDER}/journal.jsonl`, '{"state":"committed"}\n'));
    expect(await finishRollback(made, FOLDER, () => Promise.reject(new Error('EAGAIN')))).toBe(true);
    expect(await finishRollback(host(), FOLDER, async () => null)).toBe(true);
  });

  it('does not repeat what only a person can decide', async () => {
    let attempts = 0;
    const edited = async () => {
      attempts += 1;
      return { steps: 0, leftovers: [{ what: 'a file was edited', remedy: 'diff' }] };
    };
    expect(await finishRollback(host(), FOLDER, edited)).toBe(false);
    expect(attempts).toBe(1);
  });

  it('leaves it to the watchdog of a rollback that a person has started', async () => {
    const made = host();
    let attempts = 0;
    const fails = async () => {
      attempts += 1;
      made.after(1000, () => void made.content.set(`${FOLDER}/watchdog`, '1\n'));
      throw new Error('EAGAIN');
    };
    expect(await finishRollback(made, FOLDER, fails)).toBe(false);
    expect(attempts).toBe(1);
  });
});
