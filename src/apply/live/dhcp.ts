import { childrenOf, startTimeOf } from '../../host/process.js';
import { type IpRoute, linksOf, routeIdentity, routeLine } from '../../iproute/route.js';
import type { DhcpClientName } from '../../model/facts.js';
import { isDhcpv6 } from '../../model/links.js';
import type { StartDhcpClient, StopDhcpClient } from '../../model/live.js';
import { STATE_FOLDER, UDHCPC_HANDOVER } from '../../model/paths.js';
import { render } from '../../templates.js';
import type { ApplyContext } from '../context.js';
import { readLink, settled } from './ip.js';
import { settleRoutes, yieldRoutes } from './lease.js';
import { applyConfiguredDns } from './name-servers.js';
import { readRoutes } from './routes.js';

/** For a server to answer. Then the client goes on in the background: the host has its address all the while. */
const LEASE_MS = 20_000;

type Door = Pick<ApplyContext, 'host' | 'dhcpClients' | 'progress'>;

async function runningOn(door: Door, client: DhcpClientName, link: string, argv: readonly string[]) {
  return (await door.dhcpClients()).filter(
    (each) => each.name === client && each.link === link && isDhcpv6(each) === isDhcpv6({ argv }),
  );
}

/** The word behind an option. */
function option(argv: readonly string[], ...names: readonly string[]): string | null {
  const at = argv.findIndex((word) => names.includes(word));
  return at === -1 ? null : (argv[at + 1] ?? null);
}

/** See `StopDhcpClient`. */
export async function stopDhcpClient({ client, link, argv }: StopDhcpClient, door: Door): Promise<void> {
  const { host } = door;
  const running = (await runningOn(door, client, link, argv)).map(({ pid }) => pid);
  // dhcpcd is several processes, and those that serve the first one would outlive it.
  const all = client === 'dhcpcd' ? await withDescendants(door, running) : running;
  for (const pid of all) {
    const start = await startTimeOf(host, pid);
    // Not SIGTERM: udhcpc and dhcpcd would take the address away.
    host.signal(pid, 'SIGKILL');
    await settled(host, async () =>
      start !== null && (await startTimeOf(host, pid)) === start ? `${client} ${pid} does not end` : null,
    );
  }
  // A client that finds the record of another one believes that it runs already, once the PID is used again.
  const pidFile = option(argv, '-pf', '-p');
  if (pidFile !== null) await host.files.remove(pidFile);
}

async function withDescendants({ host }: Door, pids: readonly number[]): Promise<number[]> {
  const found = [...pids];
  // It grows while it is walked.
  for (const pid of found) found.push(...(await childrenOf(host, pid)));
  return found;
}

/** See `StartDhcpClient`. */
export async function startDhcpClient(step: StartDhcpClient, door: Door): Promise<void> {
  const { client, link, argv, env = {} } = step;
  if ((await readLink(door.host, link)) === null) return;
  if ((await runningOn(door, client, link, argv)).length > 0) return;
  await takeLeaseOver(step, door);
  const others = isDhcpv6({ argv }) ? [] : await otherDefaults(door.host, link);
  await yieldRoutes(step, door.host);
  const start = (words: readonly string[]) =>
    door.host.run(words, {
      check: false,
      timeoutMs: LEASE_MS,
      ownProcessGroup: true,
      env,
      onLine: (line) => door.progress.line(line),
    });
  const first = await start(await handover(step, door));
  const last = first.exitCode === 0 ? first : await start(inBackground(client, await handover(step, door)));
  await restoreDefaults(others, door.host, link);
  await settleRoutes(step, door.host);
  if (last.exitCode === 0) {
    if (step.dns !== undefined) await applyConfiguredDns(step.dns, door.host);
    return;
  }
  throw new Error(`${client} does not start on ${link}: ${last.stderr.trim().split('\n').at(-1) ?? ''}`);
}

/** Default routes of IPv4 through other links. */
async function otherDefaults(host: Door['host'], link: string): Promise<IpRoute[]> {
  const routes = await readRoutes(host, 4);
  return routes.filter((route) => route.destination === 'default' && !linksOf(route).includes(link));
}

/**
 * A script of a client may put the default route of its lease in the place of one through another link that has the same
 * metric, as that of RHEL does (`ip route replace`). Where such a route was there with the lease, it stays.
 */
async function restoreDefaults(before: readonly IpRoute[], host: Door['host'], link: string): Promise<void> {
  if (before.length === 0) return;
  const now = new Set((await otherDefaults(host, link)).map(routeIdentity));
  for (const route of before.filter((each) => !now.has(routeIdentity(each)))) {
    await host.run(['ip', '-4', ...routeLine('replace', route).split(' ')], { check: false });
  }
}

/** The client's way to go on trying without anybody who waits. */
function inBackground(client: DhcpClientName, argv: readonly string[]): string[] {
  const flag = { dhclient: '-nw', udhcpc: '-b', dhcpcd: '-b' }[client];
  const [program = '', ...rest] = argv;
  return rest.includes(flag) ? [...argv] : [program, flag, ...rest];
}

/** The lease record, with the identifier that the server knows the host by. */
async function takeLeaseOver(step: StartDhcpClient, { host }: Door): Promise<void> {
  const { client, link, argv, leaseOf, leaseArgv } = step;
  if (client === 'dhclient') {
    const [from, to] = [option(leaseArgv, '-lf'), option(argv, '-lf')];
    const lease = from === null ? null : await host.files.read(from);
    if (lease === null || to === null) return;
    // dhclient.leases(5): `interface "eth0";` inside each lease names whose it is.
    await host.files.write(to, lease.replaceAll(`interface "${leaseOf}";`, `interface "${link}";`), 0o644);
  }
  if (client === 'dhcpcd') {
    // Binary: the server's answer as it came (dhcpcd(8), FILES).
    const record = (name: string) => `/var/lib/dhcpcd/${name}.lease`;
    if (await host.files.exists(record(leaseOf))) {
      const staging = `${record(link)}.new`;
      await host.run(['cp', '--preserve=mode,ownership', record(leaseOf), staging]);
      await host.run(['mv', staging, record(link)]);
    }
    if (leaseOf !== link) await takeNameServersOver(leaseOf, link, host);
  }
}

/** Where dhcpcd's hook notes name servers: a file `LINK.PROTOCOL` for each source. All of them make resolv.conf. */
const NAME_SERVERS = '/run/dhcpcd/hook-state/resolv.conf';

/**
 * The name servers that dhcpcd has noted for a link are its heir's. Left behind, they would stand in resolv.conf
 * beside the heir's own, and those of router advertisements lead through the link that they came by (`%eth0`).
 */
async function takeNameServersOver(from: string, to: string, { files }: Door['host']): Promise<void> {
  for (const name of await files.list(NAME_SERVERS)) {
    const protocol = name.startsWith(`${from}.`) ? name.slice(from.length + 1) : '';
    // A number is a VLAN's: `eth0.10`.
    if (!/^[a-z][a-z0-9]*$/.test(protocol)) continue;
    const record = (await files.read(`${NAME_SERVERS}/${name}`)) ?? '';
    const own = record
      .replaceAll(`%${from}\n`, `%${to}\n`)
      .replace(` from ${name}\n`, ` from ${to}.${protocol}\n`);
    await files.write(`${NAME_SERVERS}/${to}.${protocol}`, own, 0o644);
    await files.remove(`${NAME_SERVERS}/${name}`);
  }
}

/**
 * The command that starts a client on a link which has its address. udhcpc begins by having its script take all
 * addresses away; a script in between lets that first word pass.
 */
async function handover({ client, link, argv }: StartDhcpClient, { host }: Door): Promise<string[]> {
  if (client !== 'udhcpc') return [...argv];
  const address = (await readLink(host, link))?.addresses.find(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  if (address === undefined) return [...argv];
  const own = option(argv, '-s', '--script') ?? (await stockScript(host));
  const script = `${UDHCPC_HANDOVER}${link}`;
  const first = `${script}.first`;
  await host.files.mkdir(STATE_FOLDER, 0o700);
  await host.files.write(first, '', 0o600);
  await host.files.write(script, render('dhcp/udhcpc-handover.sh.ejs', { script: own, first }), 0o755);
  const [program = '', ...rest] = argv.filter((word, index) => {
    const before = argv[index - 1] ?? '';
    return !['-n', '-s', '--script'].includes(word) && !['-s', '--script'].includes(before);
  });
  return [program, ...rest, '-b', '-r', address.address, '-s', script];
}

/** Debian's place, then busybox's own. */
async function stockScript(host: Door['host']): Promise<string> {
  const debian = '/etc/udhcpc/default.script';
  return (await host.files.exists(debian)) ? debian : '/usr/share/udhcpc/default.script';
}
