import type { Host } from '../host/host.js';
import type { HostFacts } from '../model/facts.js';
import { collectDhcpClients } from './dhcp-clients.js';
import { collectDisk } from './disk.js';
import { collectDocker } from './docker.js';
import { collectFiles } from './files.js';
import { collectFirewallRules } from './firewall.js';
import { collectForwarding } from './forwarding.js';
import { collectLinks, collectRoutes } from './links.js';
import { collectManagers } from './managers.js';
import { collectNetfilter } from './netfilter.js';
import { collectObstacles } from './obstacles.js';
import { collectDockerCli } from './packages.js';
import { collectMentions } from './scripts.js';
import { collectSession } from './session.js';
import { collectSupplicants } from './supplicants.js';
import { collectDistro, collectDns, collectInit, collectMachine, collectRuntime } from './system.js';

/** Programs whose absence makes a package needed, or that say what the host is. */
const PROGRAMS = [
  'apt-get',
  'bc',
  'brctl',
  'bridge-setup',
  'busybox',
  'cloud-init',
  'dhclient',
  'dhcpcd',
  'dnf',
  'docker',
  'dockerd',
  'ifup',
  'ip',
  'iptables',
  'nsenter',
  'ping',
  'pipework',
  'systemctl',
  'udhcpc',
  'yum',
] as const;

/** Read the host, once. Read only, and it sends nothing to the network. */
export async function collectFacts(host: Host): Promise<HostFacts> {
  const [links, { files, unread, denied }, init, distro, machine, docker] = await Promise.all([
    collectLinks(host),
    collectFiles(host),
    collectInit(host),
    collectDistro(host),
    collectMachine(host),
    collectDocker(host),
  ]);
  const [
    forwarding,
    mentions,
    dockerCli,
    routes,
    obstacles,
    dns,
    dhcpClients,
    supplicants,
    disk,
    netfilter,
    session,
    managers,
    runtime,
    rules,
  ] = await Promise.all([
    collectForwarding(host),
    collectMentions(host, links),
    collectDockerCli(host, docker),
    collectRoutes(host),
    collectObstacles(host),
    collectDns(host),
    collectDhcpClients(host),
    collectSupplicants(host),
    collectDisk(host),
    collectNetfilter(host),
    collectSession(host),
    collectManagers(host, files, links),
    collectRuntime(host, init),
    collectFirewallRules(host, links, files),
  ]);
  const programs: Record<string, string | null> = {};
  for (const program of PROGRAMS) programs[program] = await host.which(program);
  return {
    version: 1,
    distro,
    init,
    machine,
    root: host.isRoot(),
    links,
    routes,
    ...(obstacles.length > 0 ? { obstacles } : {}),
    dns,
    managers,
    dhcpClients,
    supplicants,
    disk,
    docker: {
      ...docker,
      ...(dockerCli === null ? {} : { cliPackage: dockerCli }),
      ...(forwarding === null ? {} : { forwarding }),
    },
    netfilter,
    ...(rules === null ? {} : { firewall: rules.firewall }),
    session,
    programs,
    runtime,
    files: { ...files, ...rules?.files },
    ...(denied.length === 0 ? {} : { unreadable: denied }),
    ...(mentions.length === 0 ? {} : { mentions }),
    ...(unread.length === 0 ? {} : { unreadFiles: unread }),
  };
}
