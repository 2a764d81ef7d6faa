import { answers } from '../../../src/cli/answers.js';
import { readGivenAnswers } from '../../../src/cli/answers-file.js';
import { attach } from '../../../src/cli/attach.js';
import { confirm } from '../../../src/cli/confirm.js';
import { daemon } from '../../../src/cli/daemon.js';
import { detach } from '../../../src/cli/detach.js';
import { doctor } from '../../../src/cli/doctor.js';
import { refuseOtherRuntime } from '../../../src/cli/other-runtime.js';
import { settleUplink } from '../../../src/cli/prepare.js';
import { refuseInContainer } from '../../../src/cli/program-info.js';
import { readRecordedFacts } from '../../../src/cli/read-facts.js';
import { rehearseCommand } from '../../../src/cli/rehearse.js';
import { rollback } from '../../../src/cli/rollback.js';
import { refuseMissingImage } from '../../../src/cli/runtime-image.js';
import { setup } from '../../../src/cli/setup.js';
import { status } from '../../../src/cli/status.js';
import { refuseUnfinished } from '../../../src/cli/unfinished.js';
import { verifyCommand } from '../../../src/cli/verify.js';
import { wizard } from '../../../src/cli/wizard.js';
import { answersWith } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';
import { type Bench, type Provoke, running } from './bench.js';
import { written } from './of-apply.js';

const JOURNAL = /journal\.jsonl$/;
const journalOf = ({ fake }: Bench) => [...fake.content.keys()].find((path) => JOURNAL.test(path)) ?? '';

/** A run whose journal ends like that. */
async function ended(bench: Bench, ...lines: object[]): Promise<void> {
  await written(bench);
  const path = journalOf(bench);
  const kept = (bench.fake.content.get(path) ?? '').split('\n').filter((line) => !line.includes('committed'));
  bench.fake.content.set(path, [...kept, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'));
}

const noRoot =
  (run: (bench: Bench) => unknown): Provoke =>
  (bench) => {
    bench.fake.isRoot = () => false;
    Object.assign(bench.host, { isRoot: () => false });
    return run(bench);
  };

const given =
  (text: string | Error): Provoke =>
  ({ fake, host }) => {
    if (text instanceof Error) fake.files.read = async () => Promise.reject(text);
    else if (text !== '') fake.content.set('/answers.json', text);
    return readGivenAnswers(host, '/answers.json');
  };

/** Every command that asks for root. */
export const NOT_ROOT: Readonly<Record<string, Provoke>> = {
  attach: noRoot(({ context }) => attach(context, {}, ['br0', 'web', '192.168.1.50/24'])),
  confirm: noRoot(({ context }) => confirm(context)),
  daemon: noRoot(({ context }) => daemon(context)),
  detach: noRoot(({ context }) => detach(context, {}, ['web'])),
  rehearse: noRoot(({ context }) => rehearseCommand(context, {})),
  rollback: noRoot(({ context }) => rollback(context, {})),
  verify: noRoot(({ context }) => verifyCommand(context, {})),
  wizard: noRoot(({ context }) => wizard(context, {})),
};

/** Codes of `src/cli`. */
export const OF_CLI: Readonly<Record<string, Provoke>> = {
  'nothing-to-rehearse': ({ fake, context }) => {
    fake.content.set('/answers.json', '{"version":1,"bridge":{"name":"br0","existing":true}}');
    return rehearseCommand(context, { answers: '/answers.json' });
  },
  'answers-not-found': given(''),
  'answers-too-long': given(' '.repeat(300_000)),
  'answers-not-json': given('{'),
  'file-unreadable': given(new Error('EISDIR')),
  'answers-invalid': given('{}'),
  'answers-what': ({ context }) => answers(context, {}),
  'no-rule': ({ context }) => attach(context, {}, []),
  'not-root': NOT_ROOT.attach as Provoke,
  'in-container': ({ fake, host }) => {
    fake.env.BRIDGE_SETUP_IN_CONTAINER = '1';
    return refuseInContainer(host, 'A rehearsal');
  },
  'nothing-pending': ({ context }) => confirm(context),
  'too-late': async (bench) => {
    await ended(bench, { state: 'awaiting', seconds: 60 });
    bench.fake.content.set(journalOf(bench).replace(JOURNAL, 'decision'), 'roll-back\n');
    return confirm(bench.context);
  },
  'nothing-to-fix': ({ context }) => doctor(context, { yes: true }),
  'runtime-goes-on': async (bench) => {
    const { fake, host } = bench;
    const expects = { id: 'net', title: 'x', kind: 'expect-network', bridge: 'br0' };
    await ended(bench, { state: 'intent', n: 1, step: expects, before: null }, { state: 'committed' });
    running(fake, 77);
    const state = { version: 1, pid: 77, startTime: '77', ready: true, since: '', bridges: ['br0'] };
    fake.content.set('/run/bridge-setup/daemon.json', JSON.stringify(state));
    return refuseOtherRuntime(host, false);
  },
  'uplink-unclear': () =>
    settleUplink(answersWith({ bridge: { uplink: 'auto' } }), hostFacts({ routes: [] })),
  'facts-not-found': ({ host }) => readRecordedFacts(host, '/facts.json', undefined),
  'facts-invalid': ({ fake, host }) => {
    fake.content.set('/facts.json', '{}');
    return readRecordedFacts(host, '/facts.json', undefined);
  },
  'root-not-found': ({ fake, host }) => {
    fake.content.set('/facts.json', JSON.stringify(hostFacts()));
    return readRecordedFacts(host, '/facts.json', '/nowhere');
  },
  'runtime-image': ({ host }) => refuseMissingImage(host, answersWith({ runtime: { install: 'container' } })),
  'facts-without-dry-run': ({ context }) => setup(context, { facts: '/facts.json' }),
  'root-without-facts': ({ context }) => setup(context, { root: '/' }),
  'no-answers': ({ context }) => wizard(context, {}),
  'svg-with-watch': ({ context }) => status(context, { svg: 'x.svg', watch: true }),
  'change-pending': async (bench) => {
    await ended(bench, { state: 'awaiting', seconds: 60 });
    return refuseUnfinished(bench.host);
  },
  'interrupted-run': async (bench) => {
    await ended(bench);
    return refuseUnfinished(bench.host);
  },
};
