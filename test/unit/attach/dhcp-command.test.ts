import { beforeEach, describe, expect, it } from 'vitest';
import { dhclientRelease, prepareDhcp } from '../../../src/attach/dhcp-command.js';
import { FakeHost } from '../support/fake-host.js';

const folder = '/run/bridge-setup/clients/0123456789ab-bs1';
const previous = { address: '10.0.0.5', server: '10.0.0.1', end: 1700003600 };
const job = { link: 'eth0', hostname: 'web', previous, folder, env: { BRIDGE_SETUP_RUN: '1-1' } };

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
  for (const name of ['udhcpc', 'dhclient', 'dhcpcd']) host.programs.set(name, `/sbin/${name}`);
  host.script = ([, option]) => (option === '--version' ? { stdout: 'dhcpcd 9.4.1\n' } : {});
});

describe('prepareDhcp', () => {
  it('runs udhcpc, or that of busybox, which needs no files', async () => {
    const argv = (await prepareDhcp(host, 'udhcpc', job)).join(' ');
    expect(argv).toContain('/sbin/udhcpc -f -i eth0 -s /var/lib/bridge-setup/dhcp-hook -O 26');
    expect(argv).toMatch(/-x hostname:web .* -r 10\.0\.0\.5$/);
    host.programs.delete('udhcpc');
    host.programs.set('busybox', '/bin/busybox');
    expect((await prepareDhcp(host, 'udhcpc', job)).slice(0, 3)).toEqual(['/bin/busybox', 'udhcpc', '-f']);
    expect([...host.content.keys()]).toEqual([]);
  });

  it('runs dhclient with files of its own only, and releases with the same', async () => {
    const argv = await prepareDhcp(host, 'dhclient', job);
    expect(argv.join(' ')).toBe(
      `/sbin/dhclient -4 -sf /var/lib/bridge-setup/dhcp-hook -cf ${folder}/dhclient.conf` +
        ` -lf ${folder}/dhclient.leases -pf ${folder}/dhclient.pid -e BRIDGE_SETUP_RUN=1-1 -d eth0`,
    );
    expect(host.content.get(`${folder}/dhclient.conf`)).toContain('send host-name "web";');
    expect(dhclientRelease('/sbin/dhclient', job).slice(-2)).toEqual(['-r', 'eth0']);
    // By the PID file of the other one it would end that one, and wait for a second.
    expect(dhclientRelease('/sbin/dhclient', job).join(' ')).toContain(`-pf ${folder}/release.pid`);
  });

  it('lets dhclient ask for the lease of before by its lease file, and by no option that it would send always', async () => {
    await prepareDhcp(host, 'dhclient', job);
    expect(host.content.get(`${folder}/dhclient.conf`)).not.toContain('requested-address');
    expect(host.content.get(`${folder}/dhclient.leases`)).toContain(
      'interface "eth0";\n  fixed-address 10.0.0.5;\n  option dhcp-server-identifier 10.0.0.1;\n' +
        '  renew epoch 1700003600;\n  rebind epoch 1700003600;\n  expire epoch 1700003600;\n}',
    );
    await prepareDhcp(host, 'dhclient', { ...job, previous: { ...previous, server: null, end: null } });
    const lease = host.content.get(`${folder}/dhclient.leases`);
    expect(lease).toContain('expire never;');
    expect(lease).not.toContain('server-identifier');
  });

  it('gives dhclient no lease file when there was no lease', async () => {
    await prepareDhcp(host, 'dhclient', { ...job, previous: null });
    expect(host.content.has(`${folder}/dhclient.leases`)).toBe(false);
  });

  it("runs dhcpcd where its folders are not the host's", async () => {
    const argv = await prepareDhcp(host, 'dhcpcd', job);
    expect(argv.slice(0, 4)).toEqual(['unshare', '--mount', '--propagation', 'slave']);
    expect(argv.slice(8, 12)).toEqual([`${folder}/run`, '/run/dhcpcd', `${folder}/lib`, '/var/lib/dhcpcd']);
    const config = host.content.get(`${folder}/dhcpcd.conf`);
    expect(config).toContain('noconfigure\n');
    expect(config).toContain('hostname web\nrequest 10.0.0.5\n');
    expect(config).toContain('env BRIDGE_SETUP_RUN=1-1\n');
  });

  it.each(['dhcpcd 9.3.4', 'dhcpcd 8.1.9', 'rubbish'])('refuses dhcpcd of the version %j', async (stdout) => {
    host.script = () => ({ stdout });
    await expect(prepareDhcp(host, 'dhcpcd', job)).rejects.toMatchObject({ code: 'dhcp-client-too-old' });
  });

  it.each(['udhcpc', 'dhclient', 'dhcpcd'] as const)('says when %s is not installed', async (client) => {
    host.programs.clear();
    await expect(prepareDhcp(host, client, job)).rejects.toMatchObject({
      code: 'dhcp-client-missing',
      message: `${client} is not installed on this host`,
    });
  });
});
