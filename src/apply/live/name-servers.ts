import type { Host } from '../../host/host.js';
import type { ConfiguredDns } from '../../model/live.js';
import { RESOLV_CONF } from '../../model/paths.js';

/** What ifdown-post puts back. */
const SAVED = '/etc/resolv.conf.save';

/** Name servers and search domain of ifcfg files, which ifup-post writes over those of the lease. */
export async function applyConfiguredDns(dns: ConfiguredDns, host: Host): Promise<void> {
  const path = (await host.files.realpath(RESOLV_CONF).catch(() => null)) ?? RESOLV_CONF;
  const before = (await host.files.read(path)) ?? '';
  const after = withConfiguredDns(before, dns);
  if (after === before) return;
  const mode = (await host.files.stat(path))?.mode ?? 0o644;
  await host.run(['cp', '-af', RESOLV_CONF, SAVED], { check: false });
  await host.files.write(path, after, mode);
}

/**
 * A resolv.conf as ifup-post of RHEL 7 leaves it (initscripts 9.49.54): as it is where the domain and the name servers
 * are in it already; else with the servers in the place of others, the domain as the first to be searched, and options
 * at the top.
 */
export function withConfiguredDns(text: string, { servers, domain }: ConfiguredDns): string {
  const pattern = servers.map((server) => `[^#]?nameserver\\s+${escaped(server)}`).join('');
  const hasServers = new RegExp(pattern).test(text.replaceAll('\n', ''));
  const hasDomain = domain === '' || new RegExp(`^search.*${escaped(domain)}`, 'm').test(text);
  if (hasServers && hasDomain) return text;

  const lines = text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined);
  const isSearch = (line: string) => domain !== '' && /^(domain|search)/.test(line);
  const searched = lines
    .map((line) => line.trim())
    .filter(isSearch)
    .map((line) => ` ${line.replace(/^\S+\s*/, '')}`);
  const kept = lines
    .map((line) => line.trim())
    .filter((line) => !isSearch(line) && !(servers.length > 0 && line.startsWith('nameserver')));
  const all = [
    ...kept,
    ...(domain === '' ? [] : [`search ${domain}${searched.join('')}`]),
    ...servers.map((server) => `nameserver ${server}`),
  ];
  const options = lines.filter((line) => /^[ \t]*option/.test(line));
  const others = all.filter((line) => !options.some((option) => line.includes(option)));
  return `${[...options, ...others].join('\n').replace(/\n+$/, '')}\n`;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
