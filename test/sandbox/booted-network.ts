import type { RunningCopy } from '../../src/rehearse/copy.js';

/** By its path: a test may have put another one before it. */
const IP = '/usr/bin/ip';
type Shown = Record<string, unknown>;

/** What a boot has made of a link: addresses, routes of all tables, rules and name servers; the link by the word LINK. */
export async function bootedNetwork(copy: RunningCopy, link: string): Promise<Shown> {
  const list = async (...argv: string[]): Promise<Shown[]> =>
    JSON.parse((await copy.sandbox.run([IP, '-json', ...argv])).stdout || '[]');
  const pick = (from: Shown, ...names: string[]) =>
    names.map((name) => String(from[name] ?? '-').replace(link, 'LINK')).join(' ');
  const [shown = {}] = await list('address', 'show', 'dev', link);
  const infos = (shown.addr_info ?? []) as Shown[];
  const routes = async (family: string) =>
    (await list(family, 'route', 'show', 'table', 'all', 'dev', link))
      .filter(({ table, dst }) => table !== 'local' && !/^(ff00|multicast)/.test(String(dst)))
      // RHEL: 1000 and the index of the link that it was made for, which a live change keeps.
      .map((route) => (route.dst === '169.254.0.0/16' ? { ...route, metric: 'by index' } : route))
      .map((route) => pick(route, 'dst', 'gateway', 'metric', 'protocol', 'scope', 'table'))
      .sort();
  const rules = async (family: string) =>
    (await list(family, 'rule', 'show')).map((rule) =>
      pick(rule, 'priority', 'src', 'dst', 'iif', 'oif', 'table'),
    );
  return {
    addresses: infos
      .filter(({ scope }) => scope === 'global')
      .map((info) => pick(info, 'local', 'prefixlen', 'broadcast', 'label'))
      .sort(),
    mtu: shown.mtu,
    mac: shown.address,
    routes: [await routes('-4'), await routes('-6')],
    rules: [await rules('-4'), await rules('-6')],
    resolvConf: await copy.sandbox.read('/etc/resolv.conf'),
  };
}

/** Every file of a RHEL host's configuration, with mode, owner and content, by path. */
export async function configurationFiles(copy: RunningCopy): Promise<Record<string, string>> {
  const { stdout } = await copy.sandbox.run([
    ...['find', '/etc/sysconfig', '/etc/dhcp', '-type', 'f', '-printf', '\\0%p\\0%m %u:%g\\n'],
    ...['-exec', 'cat', '{}', ';'],
  ]);
  const words = stdout.split('\0').slice(1);
  return Object.fromEntries(words.flatMap((path, at) => (at % 2 === 0 ? [[path, words[at + 1] ?? '']] : [])));
}
