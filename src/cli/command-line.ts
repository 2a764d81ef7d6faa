import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { EXIT, type ExitCode, SetupError, usageError } from '../errors.js';
import {
  type CliContext,
  type CommonFlags,
  createContext,
  refuseWithoutHost,
  withCommonFlags,
} from './context.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

type Action = (
  context: CliContext,
  flags: Readonly<Record<string, unknown>>,
  args: readonly string[],
) => Promise<ExitCode>;

/** Parse the command line, run the command; the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;

  /** Commands are loaded when they run: the help and small commands start fast. */
  const act = (load: () => Promise<Action>) =>
    async function (this: Command): Promise<void> {
      const flags = mergedFlags(this);
      const context = createContext(flags);
      try {
        await refuseWithoutHost(context);
        exitCode = await (await load())(context, flags, this.args);
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        context.output.error(error);
        exitCode = error.exitCode;
      }
    };

  try {
    await buildProgram(act).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said what was wrong, or has shown the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    if (argv.includes('--json'))
      createContext({ json: true }).output.error(usageError('usage', error.message));
    return EXIT.usage;
  }
  return exitCode;
}

/** Flags before and after the name of the command count alike. */
function mergedFlags(command: Command): CommonFlags & Record<string, unknown> {
  const before = command.parent?.opts() ?? {};
  const own = command.opts();
  // `color` is true unless somebody said --no-color, on either side.
  return { ...before, ...own, color: before.color !== false && own.color !== false };
}

/** github.com/jpetazzo/pipework, its usage text; see docs/pipework.md. */
const PIPEWORK_HELP = `
Rules, with their options in any order:
  BRIDGE [-i IF] [-l HOST_IF] [-a 4|6] CONTAINER ADDRESS/PREFIX[@GATEWAY] [MAC][@VLAN]
  BRIDGE [-i IF] [-l HOST_IF] CONTAINER dhcp|udhcpc|dhclient|dhcpcd [MAC][@VLAN]
  BRIDGE may also be: a NIC, mac:ADDRESS of a NIC, dummy; ADDRESS may also be: 0/0
  --create        make the bridge when it is missing
  --direct-phys   move the NIC itself into the container
  route|rule|tc CONTAINER ARGUMENTS...
  --wait [-i IF] [0/0]`;

const answersOption = () => new Option('--answers <file>', 'answers as JSON, or - for standard input');

function buildProgram(act: (load: () => Promise<Action>) => (this: Command) => Promise<void>): Command {
  const program = withCommonFlags(new Command('bridge-setup'))
    .description('Puts Docker containers on the real LAN: sets up br0, attaches containers, and proves it.')
    .version(version, '-V, --version', 'print the version')
    .addOption(answersOption().helpGroup('Without a command: set this host up'))
    .option('--dry-run', 'print the plan; touch nothing')
    .option('--facts <file>', 'with --dry-run: plan for a host whose facts were recorded')
    .option('--root <dir>', 'with --facts: its configuration files, below this folder')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('See `bridge-setup --help`.')
    .action(act(async () => (await import('./setup.js')).setup));

  const command = (name: string, description: string) =>
    withCommonFlags(program.command(name))
      .description(description)
      .exitOverride()
      .copyInheritedSettings(program);

  command('rehearse', 'the whole job on a throw-away copy of this host; nothing on the machine changes')
    .addOption(answersOption())
    .action(act(async () => (await import('./rehearse.js')).rehearseCommand));
  command('verify', 'prove with a test container that containers are on the LAN')
    .addOption(answersOption())
    .action(act(async () => (await import('./verify.js')).verifyCommand));
  command('doctor', 'look for what is wrong, with cause and remedy').action(
    act(async () => (await import('./doctor.js')).doctor),
  );
  command('confirm', 'keep a change that waits for its confirmation; from a new session').action(
    act(async () => (await import('./confirm.js')).confirm),
  );
  command('rollback', 'put the host back as it was')
    .option('--force', 'also files that were edited since; a copy of them is kept')
    .action(act(async () => (await import('./rollback.js')).rollback));
  command('answers', 'what an answers file may hold')
    .requiredOption('--schema', 'print the JSON Schema')
    .action(act(async () => (await import('./answers.js')).answers));
  command('attach', "attach one container, in pipework's grammar: IF [-i IF] CONTAINER ADDRESS|dhcp [MAC]")
    .argument('[rule...]', 'the rule')
    .addHelpText('after', PIPEWORK_HELP)
    .passThroughOptions()
    .allowUnknownOption()
    .action(act(async () => (await import('./attach.js')).attach));
  command('detach', 'take an interface away from a container; a NIC goes back to the host')
    .argument('<container>', 'name or id')
    .option('-i, --interface <name>', 'the interface inside', 'eth1')
    .action(act(async () => (await import('./detach.js')).detach));
  command('daemon', 'the attach runtime: watches Docker and attaches containers by their rules').action(
    act(async () => (await import('./daemon.js')).daemon),
  );
  command('import', 'what the rules of the running containers would do; touches nothing').action(
    act(async () => (await import('./import.js')).importCommand),
  );
  withCommonFlags(program.command('watch', { hidden: true }))
    .argument('<run...>', 'folder, PID, start time and deadline of a run')
    .exitOverride()
    .copyInheritedSettings(program)
    .action(act(async () => (await import('./watch.js')).watch));
  withCommonFlags(program.command('recover', { hidden: true }))
    .exitOverride()
    .copyInheritedSettings(program)
    .action(act(async () => (await import('./recover.js')).recover));
  withCommonFlags(program.command('keep-nic', { hidden: true }))
    .argument('<key>', 'of the record')
    .exitOverride()
    .copyInheritedSettings(program)
    .action(act(async () => (await import('./keep-nic.js')).keepNicCommand));
  // What is no command comes to the set-up, which says so. Only now: commands would inherit it.
  return program.allowExcessArguments();
}
