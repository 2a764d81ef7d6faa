import { applyPlan } from '../../../src/apply/apply.js';
import { createCheckpoint } from '../../../src/apply/checkpoint.js';
import { withLock } from '../../../src/apply/lock.js';
import { rollBack } from '../../../src/apply/rollback.js';
import { guardRun } from '../../../src/apply/watchdog.js';
import { collectLinks } from '../../../src/facts/links.js';
import { PROGRAM } from '../support/answers.js';
import { door, network, planOf } from '../support/applied.js';
import { type Bench, type Provoke, running } from './bench.js';

const FOLDER = '/var/lib/bridge-setup/checkpoints/1';
const before = { ...network(), passed: [] };

/** A run that has written a file, on the host as it was before this one is watched. */
export async function written({ fake }: Bench): Promise<void> {
  fake.content.set('/etc/network/interfaces', 'before\n');
  fake.script = (argv) => {
    if (argv[0] === 'cp') fake.content.set(argv.at(-1) ?? '', fake.content.get(argv.at(-2) ?? '') ?? '');
    return {};
  };
  fake.files.list = async (path) => {
    const below = [...fake.content.keys()].filter((name) => name.startsWith(`${path}/`));
    return [...new Set(below.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))].sort();
  };
  const step = {
    ...{ id: 'file', title: 'Write', kind: 'write-file' as const, path: '/etc/network/interfaces' },
    ...{ content: 'after\n', mode: 0o644, before: 'before\n' },
  };
  await applyPlan(planOf(step), door(fake));
}

/** Codes of `src/apply` and `src/facts`. */
export const OF_APPLY: Readonly<Record<string, Provoke>> = {
  'no-checkpoint': ({ fake, host }) => {
    fake.files.write = async () => Promise.reject(new Error('ENOSPC: no space left on device'));
    return createCheckpoint(host, planOf(), before, {}, 'set-up');
  },
  'already-running': ({ fake, host }) => {
    running(fake, 77);
    fake.content.set('/run/bridge-setup/lock', '77 77 \n');
    return withLock(host, async () => {});
  },
  'file-changed': async (bench) => {
    await written(bench);
    bench.fake.content.set('/etc/network/interfaces', 'by hand\n');
    return rollBack({ ...door(bench.fake), host: bench.host });
  },
  'rollback-not-begun': async (bench) => {
    await written(bench);
    bench.fake.files.list = () => Promise.reject(new Error('EIO: i/o error'));
    return rollBack({ ...door(bench.fake), host: bench.host });
  },
  'in-runtime': ({ host }) => {
    const container = { pid: 1, image: null, loader: '', libraries: [] };
    const program = { ...PROGRAM, container };
    return guardRun(host, FOLDER, { program, systemd: true, deadlineSeconds: 9 });
  },
  'no-watchdog': ({ host }) =>
    guardRun(host, FOLDER, { program: PROGRAM, systemd: true, deadlineSeconds: 9 }),
  'iproute2-missing': ({ host }) => collectLinks(host),
};
