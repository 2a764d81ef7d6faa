import { describe, expect, it } from 'vitest';
import {
  collectDistro,
  collectInit,
  collectMachine,
  collectRuntime,
  parseOsRelease,
} from '../../../src/facts/system.js';
import { parseResolvConf } from '../../../src/model/resolv-conf.js';
import { FakeHost } from '../support/fake-host.js';

const DEBIAN_12 = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`;
const UBUNTU_2204 = `PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=jammy
`;
const CENTOS_7 = `NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"
CPE_NAME="cpe:/o:centos:centos:7"
`;

describe('parseOsRelease', () => {
  it.each([
    [DEBIAN_12, 'debian', '12', 'Debian GNU/Linux 12 (bookworm)', 'debian'],
    [UBUNTU_2204, 'ubuntu', '22.04', 'Ubuntu 22.04.4 LTS', 'debian'],
    [CENTOS_7, 'centos', '7', 'CentOS Linux 7 (Core)', 'rhel'],
    ["ID='raspbian'\nID_LIKE=debian\n", 'raspbian', '', 'raspbian', 'debian'],
    ['ID=alpine\nVERSION_ID=3.19\n', 'alpine', '3.19', 'alpine', 'other'],
    ['', '', '', 'unknown', 'other'],
  ])('%j', (text, id, versionId, prettyName, family) => {
    expect(parseOsRelease(text)).toEqual({ id, versionId, prettyName, family });
  });

  it('is read from /usr/lib where /etc has none', async () => {
    const host = new FakeHost();
    host.content.set('/usr/lib/os-release', DEBIAN_12);
    expect((await collectDistro(host)).id).toBe('debian');
    host.content.set('/etc/os-release', UBUNTU_2204);
    expect((await collectDistro(host)).id).toBe('ubuntu');
  });
});

describe('parseResolvConf', () => {
  it('reads name servers in order; the last search line counts', () => {
    const text =
      '# by hand\nsearch a.example\nnameserver 192.168.1.1\n\tnameserver  fe80::1%eth0 \nsearch b.example c.example\n';
    expect(parseResolvConf(text)).toEqual({
      nameservers: ['192.168.1.1', 'fe80::1%eth0'],
      search: ['b.example', 'c.example'],
    });
  });

  it('passes over comments, options and a name server without address', () => {
    expect(parseResolvConf('; nameserver 9.9.9.9\n#nameserver 9.9.9.9\noptions edns0\nnameserver\n')).toEqual(
      {
        nameservers: [],
        search: [],
      },
    );
  });
});

describe('collectInit', () => {
  it('knows systemd by the folder that it makes', async () => {
    const host = new FakeHost();
    expect(await collectInit(host)).toBe('other');
    host.content.set('/run/systemd/system', '');
    expect(await collectInit(host)).toBe('systemd');
  });
});

describe('collectRuntime', () => {
  const withService = (stdout: string) => {
    const host = new FakeHost();
    host.script = () => ({ stdout });
    return host;
  };

  it('reads the state of the service, and what program it runs', async () => {
    const host = withService('LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n');
    host.content.set('/usr/local/lib/bridge-setup/installed.json', '{"version":"0.1.0","digest":"abc"}');
    expect(await collectRuntime(host, 'systemd')).toEqual({
      service: 'active',
      enabled: true,
      programDigest: 'abc',
    });
  });

  it('finds nothing where nothing is installed', async () => {
    const host = withService('LoadState=not-found\nActiveState=inactive\nUnitFileState=\n');
    expect(await collectRuntime(host, 'systemd')).toEqual({
      service: null,
      enabled: false,
      programDigest: null,
    });
  });

  it('asks no systemd that is not there', async () => {
    const host = withService('');
    expect(await collectRuntime(host, 'other')).toMatchObject({ service: null });
    expect(host.commands).toEqual([]);
  });

  it('takes a program with a broken record for one to be replaced', async () => {
    const host = withService('');
    host.content.set('/usr/local/lib/bridge-setup/installed.json', '{"version":');
    expect((await collectRuntime(host, 'other')).programDigest).toBe('unreadable');
  });
});

describe('collectMachine', () => {
  it.each<[tag: string | null, cloud: string | undefined]>([
    ['7783-7084-3265-9085-8269-3286-77\n', 'Azure'],
    ['1234\n', undefined],
    [null, undefined],
  ])('knows Azure by the asset tag of its chassis: %j', async (tag, cloud) => {
    const host = new FakeHost();
    if (tag !== null) host.content.set('/sys/class/dmi/id/chassis_asset_tag', tag);
    expect((await collectMachine(host)).cloud).toBe(cloud);
  });
});
