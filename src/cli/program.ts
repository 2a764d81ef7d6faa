import { createRequire } from 'node:module';
import { Argument, Command, Option } from 'commander';
import type { ExitCode } from '../errors.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { folded } from '../ui/wrap.js';
import type { CliContext, FirstChoice } from './context.js';

const { version } = createRequire(import.meta.url)(`${PACKAGE_ROOT}/package.json`) as { version: string };

/** Of a message of the parser. */
const columns = () => Math.min(80, process.stderr.columns ?? 80);

/** Shells that there is a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Give a command the flags that all take. */
function withCommonFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, progress as JSON lines on stderr')
    .option('-v, --verbose', 'show every command that is run, ready to paste, with its time')
    .option('-q, --quiet', 'no progress')
    .option('--no-color', 'no colours (also: NO_COLOR in the environment)');
}

/** github.com/jpetazzo/pipework, its usage text; see docs/pipework.md. */
const PIPEWORK_HELP = `
Rules, with their options in any order:
  BRIDGE [-i IF] [-l HOST_IF] [-a 4|6] CONTAINER ADDRESS/PREFIX[@GATEWAY]
      [MAC][@VLAN]
  BRIDGE [-i IF] [-l HOST_IF] CONTAINER dhcp|udhcpc|dhclient|dhcpcd [MAC][@VLAN]
  BRIDGE may also be: a NIC, mac:ADDRESS of a NIC, dummy
  ADDRESS/PREFIX may also be: 0/0, no address
  --create        make the bridge when it is missing
  --direct-phys   move the NIC itself into the container
  route|rule|tc CONTAINER ARGUMENTS...
  --wait [-i IF] [0/0]`;

const answersOption = () => new Option('--answers <file>', 'answers as JSON, or - for standard input');

/** What a command does with its flags and arguments. */
export type Action = (
  context: CliContext,
  flags: Readonly<Record<string, unknown>>,
  args: readonly string[],
) => Promise<ExitCode>;

/** What is asked before anything of the host is read, so that it stands there at once. */
type Opening = (
  flags: Readonly<Record<string, unknown>>,
  args: readonly string[],
  signal: AbortSignal,
) => Promise<FirstChoice | null>;

/** What runs when a command is given: an action, loaded when it is needed. */
export type Act = (
  load: () => Promise<Action>,
  opening?: () => Promise<Opening>,
) => (this: Command) => Promise<void>;

/** Every command with its flags and arguments: what is parsed, and what completions and the manual are compared with. */
export function buildProgram(act: Act): Command {
  const program = withCommonFlags(new Command('bridge-setup'))
    .description('Puts Docker containers on the real LAN: sets up br0, attaches containers, and proves it.')
    .version(version, '-V, --version', 'print the version')
    .addOption(answersOption().helpGroup('Without a command: set this host up'))
    .option('--dry-run', 'print the plan; touch nothing')
    .option('--facts <file>', 'with --dry-run: plan for a host whose facts were recorded')
    .option('--root <dir>', 'with --facts: its configuration files, below this folder')
    .enablePositionalOptions()
    .helpCommand('help [command]', 'display help for command')
    .exitOverride()
    .configureOutput({
      outputError: (words, write) => write(folded(words.replace(/^error/, 'Error'), columns())),
    })
    .showHelpAfterError('See `bridge-setup --help`.')
    .action(
      act(
        async () => (await import('./setup.js')).setup,
        async () => (await import('./opening.js')).opening,
      ),
    );

  const command = (name: string, description: string) =>
    withCommonFlags(program.command(name))
      .description(description)
      .exitOverride()
      .copyInheritedSettings(program)
      .showHelpAfterError(`See \`bridge-setup ${name} --help\`.`);

  command('rehearse', 'the whole job on a throw-away copy of this host; nothing on the machine changes')
    .addOption(answersOption())
    .option('--clean', 'remove the packages that rehearsals have kept in /var/cache/bridge-setup')
    .action(act(async () => (await import('./rehearse.js')).rehearseCommand));
  command('verify', 'prove with a test container that containers are on the LAN')
    .addOption(answersOption())
    .action(act(async () => (await import('./verify.js')).verifyCommand));
  command('doctor', 'look for what is wrong, with cause and remedy')
    .option('--no-probe', 'send nothing to the network, not even to its name servers')
    .option('--fix', 'mend what can be mended without cutting anybody off; asks before')
    .option('--dry-run', 'with --fix: print the plan; touch nothing')
    .option('--yes', 'with --fix: without asking')
    .action(act(async () => (await import('./doctor.js')).doctor));
  command('status', 'what is: the LAN, the bridge, who is on it, their leases; problems are marked')
    .option('--svg <file>', 'write the picture as SVG, for a wiki page')
    .option('--watch', 'follow, until Ctrl-C')
    .action(act(async () => (await import('./status.js')).status));
  command('confirm', 'keep a change that waits for its confirmation; from a new session').action(
    act(async () => (await import('./confirm.js')).confirm),
  );
  command('rollback', 'put the host back as it was')
    .option('--force', 'also files that were edited since; a copy of them is kept')
    .option('--last', 'only the newest change')
    .action(act(async () => (await import('./rollback.js')).rollback));
  command('answers', 'what an answers file may hold, and the one of this host')
    .option('--schema', 'print the JSON Schema')
    .option('--dump', 'print the answers that make a host like this one')
    .action(act(async () => (await import('./answers.js')).answers));
  command(
    'attach',
    "attach one container, in pipework's grammar: BRIDGE [-i IF] CONTAINER ADDRESS|dhcp [MAC]",
  )
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
  command('completion', 'the completion of a shell: bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(act(async () => (await import('./completion.js')).completion));
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
  withCommonFlags(program.command('discover-dhcp', { hidden: true }))
    .argument('<mac>', 'of the link that asks')
    .exitOverride()
    .copyInheritedSettings(program)
    .action(act(async () => (await import('./discover-dhcp.js')).discoverDhcpCommand));
  // What is no command comes to the set-up, which says so. Only now: commands would inherit it.
  return program.allowExcessArguments();
}
