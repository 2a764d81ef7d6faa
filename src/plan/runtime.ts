import type { Answers } from '../model/answers.js';
import { DAEMON_NODE_FLAGS } from '../model/daemon-flags.js';
import { containerDhcpClient } from '../model/dhcp-client.js';
import type { HostFacts } from '../model/facts.js';
import {
  OWN_COMMANDS,
  PROGRAM_FOLDER,
  RUNTIME_CONFIG_FILE,
  RUNTIME_UNIT,
  RUNTIME_UNIT_FILE,
} from '../model/paths.js';
import type { Program, Step } from '../model/plan.js';
import { awaitRuntimeStep, commandStep, fileSteps } from '../model/steps.js';
import { render } from '../templates.js';
import { commandSteps, containerStartSteps, removeContainerSteps } from './runtime-container.js';

/** What the administrator has added to it, such as what rules may ask for, stays: it is a matter of trust. */
function runtimeConfig(facts: HostFacts, answers: Answers): string {
  const before = facts.files[RUNTIME_CONFIG_FILE]?.content ?? '';
  const own = objectOf(before);
  const others = Array.isArray(own.bridges) ? own.bridges : [];
  const dhcpClient = containerDhcpClient(answers, facts.distro);
  const keepsClient = answers.dhcpClient === 'auto' || own.dhcpClient === dhcpClient;
  // What an administrator has set there by hand stays.
  const leavesFirewall = answers.firewall === 'never' && own.firewall !== 'never';
  const { name } = answers.bridge;
  const known = Array.isArray(own.existing) ? own.existing : [];
  const isMarked = known.includes(name);
  const keepsMark = isMarked === answers.bridge.existing;
  if (own.version === 1 && others.includes(name) && keepsClient && keepsMark && !leavesFirewall)
    return before;
  const bridges = [...new Set([name, ...others])];
  const existing = isMarked ? known.filter((one) => one !== name) : [...known, name];
  const asked = {
    ...{ version: 1, bridges },
    ...(keepsMark ? {} : { existing: existing.length > 0 ? existing : undefined }),
    ...(keepsClient ? {} : { dhcpClient }),
    ...(leavesFirewall ? { firewall: 'never' } : {}),
  };
  // One that is there was written before there was this setting: its addresses are reserved on DHCP servers.
  const macs = before.trim() === '' ? { macs: 'host' } : {};
  const config = Object.assign({ version: 1, bridges, dhcpClient, ...macs }, own, asked);
  return `${JSON.stringify(config, null, 2)}\n`;
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Whether containers could join a bridge before: the runtime's configuration has it. */
export function isServed({ files }: Pick<HostFacts, 'files'>, bridge: string): boolean {
  const { bridges } = objectOf(files[RUNTIME_CONFIG_FILE]?.content ?? '');
  return Array.isArray(bridges) && bridges.includes(bridge);
}

const { 'bridge-setup': COMMAND, pipework: PIPEWORK } = OWN_COMMANDS;

/** A `pipework` that somebody else put there stays theirs. */
function commandLinks(facts: HostFacts): Record<string, string> {
  const foreign = facts.programs.pipework === PIPEWORK && facts.runtime.programDigest === null;
  return { [COMMAND]: 'bin/bridge-setup.js', ...(foreign ? {} : { [PIPEWORK]: 'bin/pipework.js' }) };
}

const STOP = commandStep(
  'runtime-stop',
  `Stop ${RUNTIME_UNIT} while it is replaced`,
  ['systemctl', 'stop', RUNTIME_UNIT],
  ['systemctl', 'start', RUNTIME_UNIT],
);

/** Steps before the network is touched: program, configuration and unit of the attach runtime. */
export function runtimeInstallSteps(facts: HostFacts, answers: Answers, program: Program): Step[] {
  const config = fileSteps(
    facts,
    'runtime-config',
    'Configure the attach runtime',
    RUNTIME_CONFIG_FILE,
    runtimeConfig(facts, answers),
    0o644,
  );
  if (answers.runtime.install === 'container') return [...config, ...commandSteps(facts, answers)];
  if (answers.runtime.install === 'none') return config;
  const programSteps: Step[] = [];
  if (facts.runtime.programDigest !== program.digest) {
    programSteps.push({
      id: 'runtime-program',
      title: `Install bridge-setup ${program.version} to ${PROGRAM_FOLDER}`,
      kind: 'install-program',
      program,
      to: PROGRAM_FOLDER,
      commands: commandLinks(facts),
      replaces: facts.runtime.programDigest,
    });
  }
  const unit = render('systemd/bridge-setup.service.ejs', {
    node: program.node,
    flags: DAEMON_NODE_FLAGS.join(' '),
    command: COMMAND,
  });
  const unitSteps = fileSteps(facts, 'runtime-unit', `Write ${RUNTIME_UNIT}`, RUNTIME_UNIT_FILE, unit, 0o644);
  if (unitSteps.length > 0) {
    unitSteps.push(
      commandStep(
        'runtime-reload',
        'Make systemd read its units again',
        ['systemctl', 'daemon-reload'],
        null,
      ),
    );
  }
  const steps = [...programSteps, ...config, ...unitSteps];
  // Stopped first and started last: so the undo, which goes backwards, starts what was there once it is back.
  return facts.runtime.service === 'active' && steps.length > 0 ? [STOP, ...steps] : steps;
}

/** Steps after the bridge is up: the service enabled and running, with what was installed. */
export function runtimeStartSteps(facts: HostFacts, answers: Answers, installSteps: readonly Step[]): Step[] {
  if (answers.runtime.install === 'container') return containerStartSteps(facts, answers);
  if (answers.runtime.install === 'none') return [];
  // Two would be in each other's way.
  const steps: Step[] = removeContainerSteps(facts);
  if (!facts.runtime.enabled) {
    steps.push(
      commandStep(
        'runtime-enable',
        `Enable ${RUNTIME_UNIT}, for the next boot`,
        ['systemctl', 'enable', RUNTIME_UNIT],
        ['systemctl', 'disable', RUNTIME_UNIT],
      ),
    );
  }
  if (facts.runtime.service !== 'active' || installSteps.length > 0) {
    steps.push(
      commandStep(
        'runtime-start',
        `Start ${RUNTIME_UNIT}`,
        ['systemctl', 'restart', RUNTIME_UNIT],
        ['systemctl', 'stop', RUNTIME_UNIT],
      ),
      awaitRuntimeStep(RUNTIME_UNIT),
    );
  }
  return steps;
}
