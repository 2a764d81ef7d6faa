import type { Host } from '../../host/host.js';
import { startTimeOf } from '../../host/process.js';
import type { EngineFacts, UnitFacts } from '../../model/doctor-facts.js';

/** USER_HZ: ticks of /proc in a second, on all architectures of Linux that have Docker. */
const TICKS = 100;

/** State of units of systemd, in one question. */
export async function collectUnits(
  host: Host,
  names: readonly string[],
): Promise<Readonly<Record<string, UnitFacts>>> {
  const properties = '--property=Id,LoadState,ActiveState,UnitFileState,NRestarts';
  const { stdout } = await host.run(['systemctl', 'show', ...names, properties], { check: false });
  return parseUnits(stdout);
}

/** `systemctl show` of several units: their properties as lines, with an empty one between them. */
export function parseUnits(text: string): Record<string, UnitFacts> {
  const units: Record<string, UnitFacts> = {};
  for (const block of text.split(/\n\n+/)) {
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    const id = value('Id');
    if (id === '') continue;
    units[id] = {
      load: value('LoadState'),
      active: value('ActiveState'),
      file: value('UnitFileState'),
      restarts: Number(value('NRestarts')) || 0,
    };
  }
  return units;
}

/** Docker's engine: whose it is, and since when it runs. Asked only where it answers: the rest is known by then. */
export async function collectEngine(host: Host, reachable: boolean): Promise<EngineFacts> {
  const options = reachable ? await host.docker.securityOptions().catch(() => []) : [];
  return {
    rootless: options.some((option) => /(^|[=,])rootless($|,)/.test(option)),
    startedAt: await startedAt(host),
  };
}

/** When dockerd was started, by its PID file, ms since the epoch. */
async function startedAt(host: Host): Promise<number | null> {
  const pid = Number(
    (await host.files.read('/run/docker.pid').catch(() => null)) ??
      (await host.files.read('/var/run/docker.pid').catch(() => null)) ??
      '',
  );
  const ticks = pid > 0 ? await startTimeOf(host, pid) : null;
  const boot = /^btime (\d+)$/m.exec((await host.files.read('/proc/stat')) ?? '')?.[1];
  return ticks === null || boot === undefined ? null : (Number(boot) + Number(ticks) / TICKS) * 1000;
}
