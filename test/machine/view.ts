import type { Machine } from './machine.js';

/** What has to be the same before bridge-setup and after its rollback. */
export interface View {
  readonly interfaces: string | null;
  readonly resolvConf: string | null;
  readonly links: readonly LinkView[];
  readonly defaultRoutes: readonly string[];
  readonly firewall: readonly string[];
  /** Those parts of bridge-setup that are there. */
  readonly installed: readonly string[];
}

/** A link of the host. */
export interface LinkView {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** What bridge-setup leaves on a host that it has set up. */
export const INSTALLED = [
  '/etc/bridge-setup/runtime.json',
  '/etc/systemd/system/bridge-setup.service',
  '/usr/local/bin/bridge-setup',
  '/usr/local/bin/pipework',
  '/usr/local/lib/bridge-setup',
];

/** The machine's network, by its own words. */
export async function view(machine: Machine): Promise<View> {
  const shown = (...argv: string[]) => machine.run(argv).then(({ stdout }) => stdout.trim());
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return {
    interfaces: await machine.read('/etc/network/interfaces'),
    resolvConf: await machine.read('/etc/resolv.conf'),
    links: linksOf(await shown('ip', '-json', 'address')),
    defaultRoutes: lines(await shown('ip', '-4', 'route', 'show', 'default')).map((line) => line.trim()),
    firewall: lines(await shown('iptables', '-S', 'DOCKER-USER')),
    installed: lines(
      await machine.shell('for path; do [ ! -e "$path" ] || echo "$path"; done', ...INSTALLED),
    ),
  };
}

interface IpAddress {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

/** Without what changes by itself: indices, lifetimes, counters, Docker's bridge. */
function linksOf(json: string): LinkView[] {
  return (JSON.parse(json) as IpAddress[])
    .filter(({ ifname }) => ifname !== 'docker0')
    .map(({ ifname, address, addr_info }) => ({
      name: ifname,
      mac: address,
      addresses: addr_info
        .filter(({ family, scope }) => family === 'inet' || scope === 'global')
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The link of that name. Throws when there is none. */
export function link({ links }: View, name: string): LinkView {
  const found = links.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${links.map((one) => one.name).join(', ')}`);
  return found;
}

/** The first IPv4 address of a link, without its prefix length. */
export function addressOf(seen: View, name: string): string {
  const [address] = link(seen, name).addresses;
  if (address === undefined) throw new Error(`${name} has no address`);
  return address.replace(/\/.*$/, '');
}
