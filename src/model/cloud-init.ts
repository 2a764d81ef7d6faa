import type { HostFacts } from './facts.js';
import { IFCFG_PREFIX, ifcfgValue } from './ifcfg.js';

type Files = HostFacts['files'];

/** Its own words at the head of the files that it writes, comment signs left out: of interfaces(5), and of ifcfg files. */
const GENERATED =
  /generated (from information provided by the datasource|by cloud-init)|created by cloud-init (on instance boot )?automatically/i;
/** `network: {config: disabled}`, on one line or two. */
const DISABLED =
  /^network:[ \t]*(\{[ \t]*["']?config["']?:|(#.*)?\n(([ \t]*(#.*)?)\n)*[ \t]+config:)[ \t]*["']?disabled\b/m;

/**
 * The file that configures one of these links, and that cloud-init writes anew at a boot; `null` when there is none, or
 * when cloud-init is switched off or gone.
 */
export function rewrittenByCloudInit(
  { files, programs }: Pick<HostFacts, 'files' | 'programs'>,
  links: readonly string[],
): string | null {
  // Not in facts that an earlier version recorded: then its files speak for it.
  if (programs['cloud-init'] === null || isSwitchedOff(files)) return null;
  const found = Object.entries(files).find(
    ([path, { content }]) =>
      (path.startsWith('/etc/network/') || path.startsWith(IFCFG_PREFIX)) &&
      (/\/50-cloud-init(\.cfg)?$/.test(path) || isGenerated(content)) &&
      links.some((name) =>
        path.startsWith(IFCFG_PREFIX) ? isDevice(path, content, name) : hasStanza(content, name),
      ),
  );
  return found?.[0] ?? null;
}

function isSwitchedOff(files: Files): boolean {
  return Object.entries(files).some(
    ([path, { content }]) =>
      path === '/etc/cloud/cloud-init.disabled' ||
      (/^\/etc\/cloud\/(cloud\.cfg|cloud\.cfg\.d\/[^/]+\.cfg)$/.test(path) && DISABLED.test(content)),
  );
}

function isGenerated(content: string): boolean {
  const comments = content.split('\n').filter((line) => /^[ \t]*#/.test(line));
  const text = comments.map((line) => line.replace(/^[ \t]*#[ \t]*/, '').trim()).join(' ');
  return GENERATED.test(text.replace(/ +/g, ' '));
}

/** It names each file by its link, and writes DEVICE as well. */
function isDevice(path: string, content: string, link: string): boolean {
  return (ifcfgValue(content, 'DEVICE') ?? path.slice(IFCFG_PREFIX.length)) === link;
}

function hasStanza(content: string, link: string): boolean {
  return content.split('\n').some((line) => {
    const [keyword, name] = line.trim().split(/\s+/);
    return keyword === 'iface' && name === link;
  });
}
