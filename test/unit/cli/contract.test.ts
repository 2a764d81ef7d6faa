import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bridgeSetup } from '../support/cli.js';
import { scenarioFile } from '../support/scenario.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeTree } from '../support/tree.js';

/** A host that is elsewhere: what was recorded of it, and its answers. */
const elsewhere = (name: string) => [
  '--dry-run',
  ...['--facts', scenarioFile(name, 'facts.json')],
  ...['--root', scenarioFile(name, 'rootfs')],
  ...['--answers', scenarioFile(name, 'answers.json')],
];
const answersFrom = (text: string, ...flags: string[]) =>
  bridgeSetup(['--answers', '-', ...flags], { input: text });

describe.concurrent('without doing anything', () => {
  it('ends quietly at Ctrl-C while it waits for an interface, as pipework does', async () => {
    const program = join(import.meta.dirname, '../../../bin/pipework.js');
    const child = spawn(process.execPath, [program, '--wait', '-i', 'nosuchlink0']);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    const ended = new Promise((resolve) => child.on('close', resolve));
    // Node.js itself catches SIGINT, and SIGHUP only the program, last of all.
    const caught = () => /^SigCgt:.*[13579bdf]$/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    while (!caught()) await setTimeout(20);
    child.kill('SIGINT');
    expect([await ended, said]).toEqual([130, '']);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    for (const flag of ['--version', '-V']) {
      expect(await bridgeSetup([flag])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  it('shows its help, with every command', async () => {
    const { exitCode, stdout, stderr } = await bridgeSetup(['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const command of [
      'rehearse',
      'verify',
      'doctor',
      'rollback',
      'answers',
      'attach',
      'import',
      'daemon',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  it('keeps every help within 80 columns', async () => {
    const commands = [...(await bridgeSetup(['--help'])).stdout.matchAll(/^ {2}([a-z]+) /gm)].map(
      ([, name = '']) => name,
    );
    expect(commands).toContain('attach');
    for (const args of [[], ...commands.filter((name) => name !== 'help').map((name) => [name])]) {
      const { stdout } = await bridgeSetup([...args, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('shows the help of a command', async () => {
    const { exitCode, stdout } = await bridgeSetup(['rehearse', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--answers <file>');
    expect(await bridgeSetup(['help', 'rehearse'])).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  it.each(['bin/bridge-setup.js', 'bin/pipework.js', 'scripts/build.js'])(
    'says in %s which Node.js it needs, as package.json has it, before it loads anything else',
    async (file) => {
      const root = fileURLToPath(new URL('../../..', import.meta.url));
      const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.4"}})';
      const node = `--import=data:text/javascript,${encodeURIComponent(old)}`;
      const run = spawnSync(process.execPath, [node, join(root, file), 'doctor'], { encoding: 'utf8' });
      expect(run.status, run.stderr).toBe(2);
      expect(run.stderr).toContain(
        `needs Node.js ${engines.node.replace('>=', '')} or newer; this is 18.20.4.`,
      );
      // A static import is loaded before the first line runs, and may be more than such a Node.js understands.
      const imports = readFileSync(join(root, file), 'utf8').match(/^import .*/gm);
      expect(imports).toEqual([expect.stringMatching(/node-version\.js';$/)]);
    },
  );

  it('prints the schema of answers, which takes the documented example', async () => {
    const { exitCode, stdout } = await bridgeSetup(['answers', '--schema']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', required: ['version', 'bridge'] });
    expect((await bridgeSetup(['answers', '--schema', '--json'])).stdout).toBe(stdout);
  });
});

describe.concurrent('wrong usage exits 2, and says what is wrong', () => {
  it.each<[string[], RegExp]>([
    [['frobnicate'], /no command "frobnicate"[^?]*$/],
    [['rolback'], /no command "rolback"[\s\S]*Did you mean `bridge-setup rollback`\?/],
    [['docter', '--fix'], /no command "docter"[\s\S]*Did you mean `bridge-setup doctor`\?/],
    [['--answers', 'doctor', 'rolback', '--last'], /no command "rolback"/],
    [['attach', 'br0', 'web', 'dchp'], /"dchp": it is neither[^?]*Did you mean "dhcp"\?/],
    [['completion'], /^Error: missing required argument[\s\S]*`bridge-setup completion --help`/],
    [['doctor', 'now'], /too many arguments/],
    [['--frobnicate'], /unknown option '--frobnicate'/],
    [['doctor', '--frobnicate'], /unknown option '--frobnicate'/],
    [['--answers'], /argument missing/],
    [['answers'], /Give --schema or --dump/],
    [['answers', '--schema', '--dump'], /do not go together/],
    [['attach'], /What shall be attached/],
    [['--facts', 'facts.json'], /needs --dry-run/],
    [
      ['--dry-run', '--answers', '/nonexistent/answers.json'],
      /There is no file \/nonexistent\/answers\.json/,
    ],
    [['--answers', '/'], /cannot be read/],
    [
      [
        ...elsewhere('alias').slice(0, 1),
        '--facts',
        '/nonexistent',
        '--answers',
        scenarioFile('alias', 'answers.json'),
      ],
      /There is no file/,
    ],
  ])('%j', async (args, words) => {
    const { exitCode, stdout, stderr } = await bridgeSetup(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\bat .*\.js:\d+|\[bug\]/);
  });
});

describe.concurrent('wrong usage with --json', () => {
  it('is one document, too', async () => {
    for (const args of [['--nonsense'], ['verify', '--nonsense'], ['--root', '/etc']]) {
      const { exitCode, stdout } = await bridgeSetup([...args, '--json']);
      expect(exitCode, args.join(' ')).toBe(2);
      expect(JSON.parse(stdout).error.exitCode).toBe(2);
    }
  });
});

it('attach takes --json also after its rule, and leaves the arguments of other programs alone', async () => {
  const after = await bridgeSetup(['attach', 'br0', 'web', 'dchp', '--json']);
  expect([after.exitCode, JSON.parse(after.stdout).error.code]).toEqual([2, 'rule-address']);
  const verbatim = await bridgeSetup(['attach', 'tc', '--json']);
  expect([verbatim.exitCode, verbatim.stdout]).toEqual([2, '']);
});

describe.concurrent('answers', () => {
  const BAD = JSON.stringify({ version: 1, bridge: { uplnk: 'eth0', name: 'a-name-that-is-too-long' } });

  it('that are wrong are told to a person, each problem with its path', async () => {
    const { exitCode, stdout, stderr } = await answersFrom(BAD);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('bridge.uplnk: unknown key');
    expect(stderr).toContain('Did you mean "uplink"?');
    expect(stderr).toContain('bridge.name: ');
  });

  it('that are wrong are one JSON document with --json, before or after', async () => {
    for (const run of [
      answersFrom(BAD, '--json'),
      bridgeSetup(['--json', '--answers', '-'], { input: BAD }),
    ]) {
      const { exitCode, stdout } = await run;
      expect(exitCode).toBe(2);
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({ code: 'answers-invalid', exitCode: 2 });
      expect(error.problems.map(({ path }: { path: string }) => path)).toContain('bridge.uplink');
    }
  });

  it.each(['', '{"version":', 'yes', '[]', 'null', '{}'])('like %j are wrong', async (text) => {
    expect((await answersFrom(text)).exitCode).toBe(2);
  });
});

// Not concurrent: a temporary folder belongs to the one test that runs.
describe('a dry run for a host that is elsewhere', () => {
  it('prints the plan for a person', async () => {
    const { exitCode, stdout, stderr } = await bridgeSetup(elsewhere('debian12-static'));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^eth0 becomes the port of br0/);
    expect(stdout).toContain('+auto br0');
  });

  it('prints one JSON document with --json: the plan that the scenario has', async () => {
    const { exitCode, stdout, stderr } = await bridgeSetup([...elsewhere('debian12-static'), '--json']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { state, plan } = JSON.parse(stdout);
    const golden = JSON.parse(readFileSync(scenarioFile('debian12-static', 'plan.json'), 'utf8'));
    expect(state).toBe('planned');
    expect(plan.steps.map(({ id }: { id: string }) => id)).toEqual(
      golden.steps.map(({ id }: { id: string }) => id),
    );
    expect(plan.files[0].path).toBe(golden.files[0].path);
  });

  it('takes the answers from standard input', async () => {
    const [dryRun = '', ...rest] = elsewhere('debian12-dhcp').slice(0, -2);
    const { exitCode, stdout } = await bridgeSetup([dryRun, ...rest, '--answers', '-', '--json'], {
      input: '{"version":1,"bridge":{"uplink":"eth0","name":"lan0"}}',
    });
    expect([exitCode, JSON.parse(stdout).plan.bridge]).toEqual([0, 'lan0']);
  });

  it('exits 3 with every reason where the host is refused', async () => {
    const { exitCode, stdout } = await bridgeSetup([...elsewhere('several-problems'), '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout).error.problems.length).toBeGreaterThan(3);
  });

  it('need not be root', async () => {
    const { exitCode } = await bridgeSetup(elsewhere('not-root'));
    expect(exitCode).toBe(0);
  });

  it('exits 2 for a file that holds no facts', async () => {
    const folder = await temporaryFolder();
    for (const content of ['', '{', 'null', '{"version":2,"links":[],"routes":[]}', '{"version":1}']) {
      writeTree(folder, { '/facts.json': { content, mode: 0o644 } });
      const args = ['--dry-run', '--facts', join(folder, 'facts.json'), ...elsewhere('alias').slice(-2)];
      const { exitCode, stderr } = await bridgeSetup(args);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('holds no facts of this version')]);
    }
  });
});

describe.concurrent('without a terminal', () => {
  it('nothing waits for a person', async () => {
    const args = elsewhere('debian12-dhcp').slice(0, -2);
    const { exitCode, stderr } = await bridgeSetup(args, { input: { open: true } });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('There is nobody to ask')]);
  });

  it('nothing is coloured', async () => {
    const { stdout } = await bridgeSetup(elsewhere('vmware-guest'), { env: { FORCE_COLOR: '1' } });
    expect(stdout).toBe(stripVTControlCharacters(stdout));
  });
});

const hasScript = (() => {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(hasScript).concurrent('in a terminal', () => {
  const plan = elsewhere('vmware-guest');
  const colours = async (args: string[], env: Record<string, string> = {}) => {
    const { exitCode, stdout } = await bridgeSetup(args, { terminal: true, env });
    expect(exitCode).toBe(0);
    return stdout !== stripVTControlCharacters(stdout);
  };

  it('there are colours', async () => {
    expect(await colours(plan)).toBe(true);
  });

  it('there are none with NO_COLOR, --no-color, or a dumb terminal', async () => {
    expect(await colours(plan, { NO_COLOR: '1' })).toBe(false);
    expect(await colours([...plan, '--no-color'])).toBe(false);
    expect(await colours(plan, { TERM: 'dumb' })).toBe(false);
  });

  it('a JSON document has none', async () => {
    expect(await colours([...plan, '--json'])).toBe(false);
  });
});
