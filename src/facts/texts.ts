import type { Host } from '../host/host.js';
import { RESOLV_CONF } from '../model/paths.js';

/**
 * The host's network in the words of its own programs, by file name: for a person who has to find out weeks later what
 * it was like. Not every host has every program; what is missing is left out.
 */
export async function collectTexts(host: Host, uplink: string): Promise<Record<string, string>> {
  const commands: Readonly<Record<string, readonly string[]>> = {
    'links.txt': ['ip', '-details', 'address', 'show'],
    'routes-ipv4.txt': ['ip', '-4', 'route', 'show', 'table', 'all'],
    'routes-ipv6.txt': ['ip', '-6', 'route', 'show', 'table', 'all'],
    'rules-ipv4.txt': ['ip', '-4', 'rule', 'show'],
    'rules-ipv6.txt': ['ip', '-6', 'rule', 'show'],
    'neighbours.txt': ['ip', 'neighbour', 'show'],
    'sysctls.txt': [
      'sysctl',
      '--all',
      '--pattern',
      `^net\\.(ipv[46]\\.conf\\.(all|default|${uplink})|bridge)\\.`,
    ],
    'iptables.txt': ['iptables', '-w', '5', '-S'],
    'services.txt': [
      'systemctl',
      'list-units',
      '--type=service',
      '--all',
      '--plain',
      '--no-legend',
      '--no-pager',
    ],
  };
  const texts: Record<string, string> = {};
  for (const [name, argv] of Object.entries(commands)) {
    const { exitCode, stdout } = await host.run(argv, { check: false, timeoutMs: 10_000 });
    if (exitCode === 0) texts[name] = stdout;
  }
  const resolvConf = await host.files.read(RESOLV_CONF);
  return resolvConf === null ? texts : { ...texts, 'resolv.conf': resolvConf };
}
