import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { StoryManager } from './network-story.js';

/** ifupdown, in a story. */
export function interfacesManager(copy: RunningCopy): StoryManager {
  const shell = (script: string) =>
    copy.sandbox.run(['sh', '-c', script], { check: false, timeoutMs: 120_000 });
  const down = async (uplink: string) => {
    await shell(
      `for i in $(ifquery --state | cut -d= -f1 | grep -vx lo | tac); do ifdown --force "$i"; done
       ip address flush dev ${uplink}; ip link set dev ${uplink} down mtu 1500 addrgenmode eui64
       ip link set dev eth1 down; rm -f /run/dhclient*.pid`,
    );
  };
  return {
    isOwn: (path) => path.startsWith('/etc/network/'),
    prepare: async (files, uplink) => {
      await shell(`ip link set dev eth0 down; ip link set dev eth0 name ${uplink}`);
      await shell('rm -rf /etc/network/interfaces /etc/network/interfaces.d /etc/network/sites');
      for (const [path, content] of Object.entries(files)) await copy.sandbox.write(path, content);
      await copy.sandbox.write('/etc/resolv.conf', 'nameserver 192.168.1.1\n');
    },
    boot: async () => {
      const { exitCode, stderr } = await shell('ifup -a && ifup -a --allow=hotplug');
      return exitCode === 0 ? [] : stderr.split('\n').slice(-6);
    },
    down,
    end: async (uplink, bridge) => {
      await down(uplink);
      await shell(
        `ip link delete ${bridge}; ip link set dev ${uplink} down; ip link set dev ${uplink} name eth0`,
      );
    },
    // While there is a bridge, other interfaces are up; ifupdown's record counts after a rollback.
    ignores: (line, phase) => /^[-+] ifstate/.test(line) && /bridge|set-up/.test(phase),
  };
}
