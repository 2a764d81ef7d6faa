import { describe, expect, it } from 'vitest';
import {
  effectsOn,
  isOwnRecord,
  keepEffects,
  markEffects,
  unwatched,
  watchEffects,
} from '../../../src/host/effects.js';
import { leavesHostAlone } from '../../../src/host/reading.js';
import { FakeHost } from '../support/fake-host.js';

const watched = () => {
  const fake = new FakeHost();
  return { fake, host: watchEffects(fake) };
};
const words = (line: string) => line.split(' ');

describe('a command leaves the host alone', () => {
  it.each([
    'ip -json -details address show',
    'ip -4 -oneline route show default dev eth0',
    'nsenter --net=/proc/7/ns/net -- ip -json route show default',
    'nsenter --net=/proc/7/ns/net ip -json neighbour show dev bs-doctor',
    'nsenter --net=/proc/7/ns/net ip link set lo up',
    'nsenter --net=/proc/7/ns/net ip link set bs-doctor up',
    'ip neighbour replace 192.168.1.1 lladdr 02:00:00:00:00:01 dev eth0 nud probe',
    'bridge -json fdb show br br0',
    'bridge -json vlan show',
    'ping -n -c 1 -W 1 192.168.1.1',
    '/bin/busybox arping -D -I br0 192.168.1.1',
    'iptables -w 5 -S',
    'iptables-legacy -w 5 -S',
    'systemctl show bridge-setup.service --property=ActiveState',
    'systemctl list-units --type=service --all',
    'sysctl --all --pattern ^net\\.',
    'firewall-cmd --get-active-zones',
    'firewall-cmd --permanent --list-all-zones',
    'firewall-cmd --permanent --zone=lan --query-interface=br0',
    'firewall-offline-cmd --zone=lan --query-interface=br0',
    'nmcli -t -f DEVICE,STATE device',
    'nmcli -t -f NAME,UUID connection show',
    'rpm --query --whatprovides iproute',
    'ovs-vsctl --timeout=5 --format=json -- --columns=name,ports list bridge -- --columns=tag list port',
    'ovs-vsctl --timeout=5 list-br',
    '/usr/sbin/dhcpcd --version',
    'unshare --net sleep 20',
    'chmod 700 /run/bridge-setup /run/bridge-setup/leases',
    'cp --preserve=all -- /etc/hosts /var/lib/bridge-setup/checkpoints/1/files/etc/hosts',
    'systemd-run --quiet /usr/bin/node /x/bin/bridge-setup.js watch /var/lib/bridge-setup/checkpoints/1 7 8 9',
  ])('%s', (line) => {
    expect(leavesHostAlone(words(line), undefined, isOwnRecord)).toBe(true);
  });

  it.each<[string, string?]>([
    ['ip link set dev eth0 down'],
    ['ip -4 rule add from 10.0.0.1 table 7'],
    ['ip neighbour replace 192.168.1.1 lladdr 02:00:00:00:00:01 dev eth0'],
    ['ip -batch -', 'address show\nlink set dev eth0 up\n'],
    ['nsenter --net=/proc/7/ns/net -- ip link add name eth1 type dummy'],
    ['bridge vlan add dev eth0 vid 10'],
    ['iptables -w -I DOCKER-USER -i br0 -o br0 -j ACCEPT'],
    ['systemctl restart docker'],
    ['sysctl -w net.ipv4.ip_forward=1'],
    ['ovs-vsctl --timeout=5 --may-exist add-port ovsbr0 bs1'],
    ['ovs-vsctl --timeout=5 -- set port bs1 tag=7 -- list port'],
    ['tee /proc/sys/net/ipv4/ip_forward'],
    ['chmod 700 /run/bridge-setup /etc'],
    ['cp /var/lib/bridge-setup/x /etc/hosts'],
    ['/usr/bin/node /x/bin/bridge-setup.js keep-nic bs1'],
    ['apt-get install docker.io'],
    ['something-new --show'],
  ])('but not %s', (line, input) => {
    expect(leavesHostAlone(words(line), input, isOwnRecord)).toBe(false);
  });
});

describe('effects', () => {
  it('are commands, signals, files, and containers, in their order', async () => {
    const { host } = watched();
    await host.run(['ip', 'link', 'show']);
    await host.files.read('/etc/hosts');
    await host.docker.inspect('web');
    expect(effectsOn(host).done).toEqual([]);
    await host.run(['ip', '-batch', '-'], { input: 'link set dev eth0 up\n' });
    await host.files.write('/etc/hosts', '');
    await host.docker.start({ name: 'web' } as never);
    host.signal(7, 'SIGTERM');
    expect(effectsOn(host).done).toEqual([
      'ip link set dev eth0 up',
      'write /etc/hosts',
      'start the container web',
      'SIGTERM to process 7',
    ]);
  });

  it('are none where nothing came of it', async () => {
    const { fake, host } = watched();
    fake.content.set('/etc/hosts', 'is there');
    fake.script = () => ({ exitCode: 2 });
    await host.run(['ip', 'link', 'add', 'name', 'x', 'type', 'dummy'], { check: false });
    expect(await host.files.create('/etc/hosts', '')).toBe(false);
    fake.files.write = async () => Promise.reject(new Error('no space left'));
    await expect(host.files.write('/etc/hosts', '')).rejects.toThrow('no space');
    expect(effectsOn(host).done).toEqual([]);
  });

  it('are half done where a batch fails', async () => {
    const { fake, host } = watched();
    fake.script = () => ({ exitCode: 1 });
    await host.run(['ip', '-batch', '-'], { input: 'link set dev eth0 up\n', check: false });
    expect(effectsOn(host).done).toEqual(['ip link set dev eth0 up']);
  });

  it("are not bridge-setup's own records, but what was decided about a change is one", async () => {
    const { host } = watched();
    await host.files.create('/run/bridge-setup/lock', '7');
    await host.files.append('/var/lib/bridge-setup/checkpoints/1/journal.jsonl', '');
    expect(effectsOn(host).done).toEqual([]);
    await host.files.create('/var/lib/bridge-setup/checkpoints/1/decision', 'commit');
    expect(effectsOn(host).done).toHaveLength(1);
  });

  it('do not count once they are undone', async () => {
    const { host } = watched();
    const undone = markEffects(host);
    await host.run(['ip', 'link', 'add', 'name', 'x', 'type', 'dummy']);
    undone();
    expect(effectsOn(host)).toMatchObject({ done: [], undone: true });
  });

  it('stay where they are kept', async () => {
    const { host } = watched();
    keepEffects(host);
    expect(effectsOn(host).kept).toBe(true);
  });

  it('of a host that is not watched are not known', async () => {
    const { fake, host } = watched();
    await unwatched(host).files.write('/etc/hosts', '');
    expect([effectsOn(host).done, effectsOn(fake).done, unwatched(host)]).toEqual([[], [], fake]);
  });
});
