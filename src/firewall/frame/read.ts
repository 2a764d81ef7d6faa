import type { Host } from '../../host/host.js';
import type { IptablesProgram } from '../../model/firewall.js';
import type { FilterTexts } from './passage.js';

const FAMILIES = [
  { family: 4, base: 'iptables', legacyTables: '/proc/net/ip_tables_names' },
  { family: 6, base: 'ip6tables', legacyTables: '/proc/net/ip6_tables_names' },
] as const;
const NF = { 4: 'iptables', 6: 'ip6tables' } as const;
const TIMEOUT_MS = 30_000;

/** What decides about frames of a bridge and is cheap to read: when it changes, all of it is to be read again. */
export async function readSwitches(host: Host, bridge: string): Promise<string> {
  const [callsIp, legacy] = await Promise.all([
    readCallsIp(host, bridge),
    Promise.all(FAMILIES.map(({ legacyTables }) => host.files.read(legacyTables).catch(() => null))),
  ]);
  return JSON.stringify([callsIp, legacy]);
}

/** Whether rules are there that only the old interface of the kernel shows, which tells nobody when they change. */
export async function hasLegacyTables(host: Host): Promise<boolean> {
  const shown = await Promise.all(
    FAMILIES.map(({ legacyTables }) => host.files.read(legacyTables).catch(() => null)),
  );
  return shown.some((tables) => (tables ?? '').trim() !== '');
}

/**
 * What lets frames of a bridge pass, or drops them. Read only: a kernel module is not loaded for the sake of reading, and
 * no table is made.
 * @param uplink the port that leads to the LAN, where it is known
 */
export async function readFilters(host: Host, bridge: string, uplink: string | null): Promise<FilterTexts> {
  const [rules, own] = await Promise.all([readRules(host), readBridge(host, bridge, uplink)]);
  return { ...rules, ...own };
}

/** The same for several bridges of a host, whose rules are read once. */
export async function readFiltersOfAll(host: Host, bridges: readonly string[]): Promise<FilterTexts[]> {
  const rules = await readRules(host);
  return Promise.all(
    bridges.map(async (bridge) => ({ ...rules, ...(await readBridge(host, bridge, null)) })),
  );
}

/** Rules of all programs, which are those of the host. */
async function readRules(host: Host): Promise<Pick<FilterTexts, 'nft' | 'iptables' | 'ebtables'>> {
  const hasNft = await isNftLoaded(host);
  const [nft, iptables, ebtables] = await Promise.all([
    hasNft ? output(host, ['nft', 'list', 'ruleset']) : null,
    Promise.all(FAMILIES.map((family) => readIptables(host, family, hasNft))),
    readEbtables(host, hasNft),
  ]);
  return {
    ...{ nft: nft ?? '', iptables: iptables.flat() },
    // nft shows what its variant of ebtables has made.
    ebtables: ebtables.filter(({ program }) => program === 'ebtables-legacy' || nft === null),
  };
}

/** What is the bridge's own. */
async function readBridge(
  host: Host,
  bridge: string,
  uplink: string | null,
): Promise<Omit<FilterTexts, 'nft' | 'iptables' | 'ebtables'>> {
  const [callsIp, ports] = await Promise.all([readCallsIp(host, bridge), readPorts(host, bridge)]);
  const lan = uplink ?? ports.lan;
  const others = ports.names.filter((name) => name !== lan);
  return { bridge, uplink: lan, callsIp, ports: others, isolated: ports.isolated };
}

/** By the sysctl, which is there where br_netfilter is, or by the bridge's own setting (kernel, br_netfilter_hooks.c). */
async function readCallsIp(host: Host, bridge: string): Promise<FilterTexts['callsIp']> {
  const calls = async (family: 4 | 6) => {
    const own = await host.files.read(`/proc/sys/net/bridge/bridge-nf-call-${NF[family]}`).catch(() => null);
    if (own === null) return false;
    const link = await host.files
      .read(`/sys/class/net/${bridge}/bridge/nf_call_${NF[family]}`)
      .catch(() => null);
    return own.trim() === '1' || link?.trim() === '1';
  };
  return { 4: await calls(4), 6: await calls(6) };
}

interface Ports {
  readonly names: readonly string[];
  readonly isolated: readonly string[];
  /** The one whose MAC address the bridge has; `null`: not known. */
  readonly lan: string | null;
}

async function readPorts(host: Host, bridge: string): Promise<Ports> {
  const names = await host.files.list(`/sys/class/net/${bridge}/brif`).catch(() => []);
  const of = (name: string, file: string) =>
    host.files.read(`/sys/class/net/${name}/${file}`).catch(() => null);
  const mac = await of(bridge, 'address');
  const facts = await Promise.all(
    names.map(async (name) => ({
      name,
      isolated: (await of(name, 'brport/isolated'))?.trim() === '1',
      isLan:
        (mac !== null && (await of(name, 'address')) === mac) ||
        (await host.files.exists(`/sys/class/net/${name}/device`)),
    })),
  );
  return {
    names,
    isolated: facts.filter(({ isolated }) => isolated).map(({ name }) => name),
    lan: facts.find(({ isLan }) => isLan)?.name ?? null,
  };
}

/** Whether nf_tables is there: where modules are loaded when they are needed, asking for rules would load it. */
export async function isNftLoaded(host: Host): Promise<boolean> {
  return isLoaded(host, 'nf_tables');
}

async function isLoaded(host: Host, module: string): Promise<boolean> {
  const modules = await host.files.read('/proc/modules').catch(() => null);
  if (modules === null || modules.split('\n').some((line) => line.startsWith(`${module} `))) return true;
  const release = ((await host.files.read('/proc/sys/kernel/osrelease')) ?? '').trim();
  const builtIn = await host.files.read(`/lib/modules/${release}/modules.builtin`).catch(() => null);
  return builtIn === null || builtIn.includes(`/${module}.ko`);
}

/** By both variants of iptables: what the one made, the other does not show. */
async function readIptables(
  host: Host,
  { family, base, legacyTables }: (typeof FAMILIES)[number],
  hasNft: boolean,
): Promise<FilterTexts['iptables'][number][]> {
  const hasLegacy = ((await host.files.read(legacyTables).catch(() => null)) ?? '').trim() !== '';
  const [nft, legacy] = await Promise.all([
    host.which(`${base}-nft-save`),
    host.which(`${base}-legacy-save`),
  ]);
  const programs: IptablesProgram[] = [];
  if (nft === null && legacy === null) {
    // An iptables from before there were two, or where the one of nf_tables is the only one.
    const isAlone = !hasLegacy && hasNft && (await host.which(base)) !== null;
    const version = isAlone ? await host.run([base, '--version'], { check: false }) : null;
    if (hasLegacy || version?.stdout.includes('nf_tables')) programs.push(base);
  }
  if (nft !== null && hasNft) programs.push(`${base}-nft`);
  if (legacy !== null && hasLegacy) programs.push(`${base}-legacy`);
  return Promise.all(
    programs.map(async (program) => ({
      program,
      family,
      text: (await output(host, [`${program}-save`])) ?? '',
    })),
  );
}

/** The old ebtables loads its module when it is asked; where the kernel has it, asking does no harm. */
async function readEbtables(host: Host, hasNft: boolean): Promise<FilterTexts['ebtables'][number][]> {
  const found: FilterTexts['ebtables'][number][] = [];
  const [nft, legacy, old] = await Promise.all(
    ['ebtables-nft-save', 'ebtables-legacy-save', 'ebtables-save'].map((name) => host.which(name)),
  );
  const add = async (program: 'ebtables' | 'ebtables-legacy', command: string) => {
    const text = await output(host, [command]);
    if (text !== null) found.push({ program, text });
  };
  if (nft !== null && hasNft) await add('ebtables', 'ebtables-nft-save');
  const isLegacy = legacy !== null || (nft === null && old !== null);
  if (isLegacy && (await isLoaded(host, 'ebtable_filter')))
    await add('ebtables-legacy', legacy === null ? 'ebtables-save' : 'ebtables-legacy-save');
  return found;
}

/** `null`: there is no such program, or it failed. */
async function output(host: Host, argv: readonly [string, ...string[]]): Promise<string | null> {
  if ((await host.which(argv[0])) === null) return null;
  const { exitCode, stdout } = await host.run(argv, { check: false, timeoutMs: TIMEOUT_MS });
  return exitCode === 0 ? stdout : null;
}
