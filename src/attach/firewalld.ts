import { leaveZone } from '../firewall/zone.js';
import type { Host } from '../host/host.js';
import { type PlacedRule, recordRule } from './placed-rules.js';

const TIMEOUT_MS = 20_000;

/** What came of it. */
interface Outcome {
  readonly zone: string;
  readonly problem: string | null;
  /** What an administrator has to decide about: lines to run. */
  readonly lines: readonly string[];
}

/** The zone that a bridge has or would have: its own, else that of its port, else the default one. `null`: none runs. */
export async function firewalldZone(
  host: Host,
  bridge: string,
): Promise<{ readonly zone: string; readonly own: boolean } | null> {
  if ((await host.which('firewall-cmd')) === null) return null;
  const own = await ask(host, `--get-zone-of-interface=${bridge}`);
  if (own !== null) return { zone: own, own: true };
  for (const port of await host.files.list(`/sys/class/net/${bridge}/brif`).catch(() => [])) {
    const zone = await ask(host, `--get-zone-of-interface=${port}`);
    if (zone !== null) return { zone, own: false };
  }
  const zone = await ask(host, '--get-default-zone');
  return zone === null ? null : { zone, own: false };
}

/**
 * Put a bridge into a zone of firewalld, now and for good: what goes from one link of a zone to another one of it is
 * forwarded (firewalld.zone(5), `forward`). A bridge without a zone has the default one for what comes to the host, but
 * not for that.
 */
export async function firewalldRule(host: Host, bridge: string): Promise<Outcome> {
  const found = await firewalldZone(host, bridge);
  if (found === null)
    return { zone: '', problem: 'firewalld has rules there, and does not answer', lines: [] };
  const { zone, own } = found;
  const forwards = (await call(host, `--zone=${zone}`, '--query-forward')).exitCode === 0;
  if (!forwards) {
    // That would change what others of the zone may do.
    const lines = [
      `firewall-cmd --permanent --zone=${zone} --add-interface=${bridge}`,
      `firewall-cmd --permanent --zone=${zone} --add-forward`,
      'firewall-cmd --reload',
    ];
    return { zone, problem: null, lines };
  }
  const kept =
    (await call(host, '--permanent', `--zone=${zone}`, `--query-interface=${bridge}`)).exitCode === 0;
  const where = [...(own ? [] : (['runtime'] as const)), ...(kept ? [] : (['permanent'] as const))];
  if (where.length === 0) return { zone, problem: `${bridge} is in its zone ${zone} already`, lines: [] };
  await recordRule(host, { kind: 'firewalld', bridge, zone, where });
  for (const each of where) {
    const add = await call(host, ...scope(each), `--zone=${zone}`, `--add-interface=${bridge}`);
    if (add.exitCode !== 0) return { zone, problem: add.stderr.trim(), lines: [] };
  }
  return { zone, problem: null, lines: [] };
}

/** Take a bridge out of the zone again, where it was not in it before. */
export async function removeFromFirewalld(
  host: Host,
  { bridge, zone, where }: Extract<PlacedRule, { kind: 'firewalld' }>,
): Promise<void> {
  await leaveZone(host, { link: bridge, zone }, where);
}

const scope = (where: 'runtime' | 'permanent') => (where === 'permanent' ? ['--permanent'] : []);

const call = (host: Host, ...argv: string[]) =>
  host.run(['firewall-cmd', ...argv], { check: false, timeoutMs: TIMEOUT_MS });

/** One line of answer; `null`: it has none. */
async function ask(host: Host, question: string): Promise<string | null> {
  const { exitCode, stdout } = await call(host, question);
  const answer = stdout.trim();
  return exitCode === 0 && /^[\w.-]+$/.test(answer) ? answer : null;
}
