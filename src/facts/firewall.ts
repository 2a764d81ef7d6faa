import { namesIn, parseIptables, readSaved, tablesOf } from '../firewall/iptables.js';
import { matchesLink } from '../firewall/names.js';
import { parseNft } from '../firewall/nftables.js';
import type { Host } from '../host/host.js';
import type { ConfigFile, Link } from '../model/facts.js';
import type { FirewallRule, FirewallRules, IptablesProgram, RuleFile } from '../model/firewall.js';

const FAMILIES = [
  { family: 4, base: 'iptables', nft: 'ip', legacyTables: '/proc/net/ip_tables_names' },
  { family: 6, base: 'ip6tables', nft: 'ip6', legacyTables: '/proc/net/ip6_tables_names' },
] as const;

/** Files from which rules are loaded at a boot, where they are there. */
const FILES: readonly RuleFile[] = [
  // iptables-persistent.
  { path: '/etc/iptables/rules.v4', format: 'iptables', family: 4 },
  { path: '/etc/iptables/rules.v6', format: 'iptables', family: 6 },
  // iptables-services of RHEL.
  { path: '/etc/sysconfig/iptables', format: 'iptables', family: 4 },
  { path: '/etc/sysconfig/ip6tables', format: 'iptables', family: 6 },
  { path: '/etc/nftables.conf', format: 'nft', family: null },
  { path: '/etc/sysconfig/nftables.conf', format: 'nft', family: null },
];
const UFW_FILES: readonly RuleFile[] = [
  { path: '/etc/ufw/user.rules', format: 'ufw', family: 4 },
  { path: '/etc/ufw/user6.rules', format: 'ufw', family: 6 },
  { path: '/etc/ufw/before.rules', format: 'iptables', family: 4 },
  { path: '/etc/ufw/before6.rules', format: 'iptables', family: 6 },
  { path: '/etc/ufw/after.rules', format: 'iptables', family: 4 },
  { path: '/etc/ufw/after6.rules', format: 'iptables', family: 6 },
];
/** Scripts that may load rules from a file. */
const SCRIPT_FOLDERS = ['if-pre-up.d', 'if-up.d'].map((name) => `/etc/network/${name}`);
const RESTORE = /\b(ip6?tables)(?:-nft|-legacy)?-restore\b[^\n|&;]*?(?:<|\s)\s*(\/[^\s;|&"']+)/g;
const MAX_BYTES = 256 * 1024;

/**
 * Rules of the packet filters that name a link which could be an uplink, and the files that they are loaded from. Read
 * only: a kernel module is not loaded for the sake of reading, and no table is made.
 */
export async function collectFirewallRules(
  host: Host,
  links: readonly Link[],
  files: Readonly<Record<string, ConfigFile>>,
): Promise<{ readonly firewall: FirewallRules; readonly files: Record<string, ConfigFile> } | null> {
  if (!host.isRoot()) return null;
  // Not those of Docker and of containers; the uplink of a host that is a container is a veth, too.
  const names = links
    .filter(({ loopback, name }) => !loopback && !/^(docker|br-|veth|bs)/.test(name))
    .map(({ name }) => name);
  const hasNft = await isNftLoaded(host);
  const shown = await Promise.all(FAMILIES.map((family) => readIptables(host, family, hasNft, names)));
  const owned = new Set(shown.flatMap((one) => one.nftTables));
  const ruleset = hasNft ? await output(host, ['nft', 'list', 'ruleset']) : '';
  const rules: FirewallRule[] = [...shown.flatMap((one) => one.rules), ...parseNft(ruleset, owned, names)];
  if (rules.length === 0) return { firewall: { rules, files: [] }, files: {} };
  const found = await collectRuleFiles(host, files, names);
  return { firewall: { rules, files: found.map(({ file }) => file) }, files: contentsOf(found) };
}

/** Whether nf_tables is there: where modules are loaded when they are needed, asking for rules would load it. */
async function isNftLoaded(host: Host): Promise<boolean> {
  const modules = await host.files.read('/proc/modules').catch(() => null);
  if (modules === null || /^nf_tables /m.test(modules)) return true;
  const release = ((await host.files.read('/proc/sys/kernel/osrelease')) ?? '').trim();
  const builtIn = await host.files.read(`/lib/modules/${release}/modules.builtin`).catch(() => null);
  return builtIn === null || builtIn.includes('/nf_tables.ko');
}

/** By both variants of iptables: what the one made, the other does not show. */
async function readIptables(
  host: Host,
  { base, nft, legacyTables }: (typeof FAMILIES)[number],
  hasNft: boolean,
  names: readonly string[],
): Promise<{ readonly rules: FirewallRule[]; readonly nftTables: string[] }> {
  const tables = await host.files.read(legacyTables).catch(() => null);
  const hasLegacy = (tables ?? '').trim() !== '';
  const [nftSave, legacySave] = await Promise.all([
    host.which(`${base}-nft-save`),
    host.which(`${base}-legacy-save`),
  ]);
  const saved = async (program: IptablesProgram, wanted: boolean) =>
    wanted ? output(host, [`${program}-save`]) : '';
  if (nftSave === null && legacySave === null) {
    // An iptables from before there were two.
    return { rules: parseIptables(await saved(base, hasLegacy), base, names), nftTables: [] };
  }
  const byNft = await saved(`${base}-nft`, nftSave !== null && hasNft);
  const byLegacy = await saved(`${base}-legacy`, legacySave !== null && hasLegacy);
  return {
    rules: [
      ...parseIptables(byNft, `${base}-nft`, names),
      ...parseIptables(byLegacy, `${base}-legacy`, names),
    ],
    nftTables: tablesOf(byNft).map((table) => `${nft} ${table}`),
  };
}

async function output(host: Host, argv: readonly string[]): Promise<string> {
  if ((await host.which(argv[0] ?? '')) === null) return '';
  const { exitCode, stdout } = await host.run(argv, { check: false, timeoutMs: 30_000 });
  return exitCode === 0 ? stdout : '';
}

interface FoundFile {
  readonly file: RuleFile;
  readonly config: ConfigFile;
}

const contentsOf = (found: readonly FoundFile[]): Record<string, ConfigFile> =>
  Object.fromEntries(found.map(({ file, config }) => [file.path, config]));

/** Files of rules that name one of these links. */
async function collectRuleFiles(
  host: Host,
  files: Readonly<Record<string, ConfigFile>>,
  names: readonly string[],
): Promise<FoundFile[]> {
  const ufw = (await host.files.read('/etc/ufw/ufw.conf').catch(() => null)) ?? '';
  const scripts = await readScripts(host);
  const hooks = [...Object.values(files).map(({ content }) => content), ...scripts].flatMap(restoredIn);
  const wanted = [...FILES, ...(/^ENABLED=yes$/m.test(ufw) ? UFW_FILES : []), ...hooks];
  const found = new Map<string, FoundFile>();
  const queue = [...wanted];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const config = found.has(file.path) ? null : await readRules(host, file.path);
    if (config === null) continue;
    if (file.format === 'nft') queue.push(...(await includedBy(host, config.content)));
    if (namesOne(file, config.content, names)) found.set(file.path, { file, config });
  }
  return [...found.values()];
}

async function readRules(host: Host, path: string): Promise<ConfigFile | null> {
  const real = await host.files.realpath(path).catch(() => null);
  const entry = real === null ? null : await host.files.stat(real);
  if (real === null || entry?.type !== 'file' || entry.size > MAX_BYTES) return null;
  const content = await host.files.read(real);
  return content === null ? null : { content, mode: entry.mode };
}

async function readScripts(host: Host): Promise<string[]> {
  const paths = ['/etc/rc.local'];
  for (const folder of SCRIPT_FOLDERS) {
    for (const name of await host.files.list(folder)) paths.push(`${folder}/${name}`);
  }
  const read = await Promise.all(paths.map((path) => readRules(host, path)));
  return read.flatMap((config) => config?.content ?? []);
}

/** Files that a command of a script hands to iptables-restore(8). */
const restoredIn = (text: string): RuleFile[] =>
  [...text.matchAll(RESTORE)].flatMap(([, program, path]) =>
    path === undefined ? [] : [{ path, format: 'iptables', family: program === 'ip6tables' ? 6 : 4 }],
  );

/** Files that one of nft(8) includes: by their paths, or all of a folder that end alike. */
async function includedBy(host: Host, content: string): Promise<RuleFile[]> {
  const paths: string[] = [];
  for (const [, path = ''] of content.matchAll(/^\s*include\s+"(\/[^"]+)"/gm)) {
    const [, folder = '', ending = ''] = /^(\/[^*]*)\/\*([^*/]*)$/.exec(path) ?? [];
    if (folder === '') paths.push(path);
    else
      for (const name of await host.files.list(folder))
        if (name.endsWith(ending)) paths.push(`${folder}/${name}`);
  }
  return paths.map((path) => ({ path, format: 'nft', family: null }));
}

function namesOne({ format }: RuleFile, content: string, links: readonly string[]): boolean {
  const named =
    format === 'nft'
      ? [...content.matchAll(/[\w.:@-]+[*]?/g)].map(([word]) => word)
      : readSaved(content).flatMap(({ rule }) => (rule === null ? [] : namesIn(rule.text)));
  return named.some((name) => links.some((link) => matchesLink(name, link)));
}
