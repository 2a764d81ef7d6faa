import { type AttachConfig, parseConfig, readConfig } from '../attach/config.js';
import { Daemon } from '../attach/daemon.js';
import { machineFor } from '../attach/machine.js';
import { parseSettings, type RuntimeSettings } from '../attach/settings.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { runsInContainer } from '../model/runtime-container.js';
import { type BatchResult, runBatch, runManual } from './batch.js';
import type { CliContext } from './context.js';

/**
 * `bridge-setup daemon`: runs until it is told to stop, or once, as docker-pipework's `run_mode` in its environment says
 * (docs/docker-pipework.md).
 */
export async function daemon(context: CliContext): Promise<ExitCode> {
  const { host, output, signal } = context;
  if (!host.isRoot())
    throw refusal(
      'not-root',
      'The attach runtime needs root.',
      [],
      'Start it as a service: `systemctl start bridge-setup`.',
    );
  const config = await configOf(context);
  const settings = parseSettings(host.env);
  const { modes, sleepMs, notes } = settings;
  for (const note of notes) output.progress(note, { event: 'log', level: 'info', message: note });
  if (sleepMs > 0) await host.clock.sleep(sleepMs, signal).catch(() => {});

  const results: BatchResult[] = [];
  const tell = (more: readonly BatchResult[]) => {
    results.push(...more);
    for (const result of more) tellResult(context, result);
  };
  if (modes.has('manual')) tell(await runManual(host, settings, signal));
  if (modes.has('daemon')) {
    // Its first pass is what batch mode does.
    await runDaemon(context, new Daemon(host, config, logTo(context), settings), settings);
    return EXIT.ok;
  }
  if (modes.has('batch')) tell(await runBatch(host, config, settings, signal));
  output.document({ results });
  return results.some(({ error }) => error !== null) ? EXIT.checkFailed : EXIT.ok;
}

/** In a container it may be all that there is of bridge-setup on a host whose bridge somebody made by hand. */
async function configOf(context: CliContext): Promise<AttachConfig & { machine: string | null }> {
  const config = await fileOf(context);
  return { ...config, machine: await machineFor(context.host, config) };
}

async function fileOf({ host, output }: CliContext): Promise<AttachConfig> {
  if (!runsInContainer(host.env) || (await host.files.exists(RUNTIME_CONFIG_FILE))) return readConfig(host);
  const config = parseConfig('{ "version": 1, "bridges": ["br0"], "dhcpClient": "udhcpc", "macs": "host" }');
  const message = `${RUNTIME_CONFIG_FILE} does not exist on the host: rules may ask for br0`;
  output.progress(message, { event: 'log', level: 'info', message });
  return config;
}

async function runDaemon(
  { host, signal }: CliContext,
  runtime: Daemon,
  { upTimeMs }: RuntimeSettings,
): Promise<void> {
  await runtime.start();
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  const over = upTimeMs === null ? [] : [host.clock.sleep(upTimeMs, signal).catch(() => {})];
  await Promise.race([stopped, ...over]);
  await runtime.stop();
}

function logTo({ output }: CliContext): ConstructorParameters<typeof Daemon>[2] {
  return ({ level, message }) => {
    const event = { event: 'log', level, message };
    if (level === 'debug') output.detail(message, event);
    else output.progress(level === 'info' ? message : `${level}: ${message}`, event);
  };
}

function tellResult(context: CliContext, { rule, attached, error }: BatchResult): void {
  const log = logTo(context);
  if (error === null) log({ level: 'info', message: `${rule}: ${attached}` });
  else log({ level: 'error', message: `${rule} is not followed: ${error}` });
}
