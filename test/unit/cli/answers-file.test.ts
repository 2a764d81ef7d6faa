import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswers, readAnswers } from '../../../src/cli/answers-file.js';
import { SetupError } from '../../../src/errors.js';
import { localHost } from '../../../src/host/local-host.js';
import { refusedBy } from '../support/refused.js';
import { temporaryFolder } from '../support/temporary.js';

const LEAST = { version: 1, bridge: { uplink: 'eth0' } };
const STATIC = { method: 'static', address: '192.168.1.10/24', gateway: '192.168.1.1' };

/** The problems of answers, each as `path: message`, with the remedy in brackets. */
async function problems(value: unknown): Promise<string[]> {
  const error = await refusedBy(() => parseAnswers(value));
  expect([error.code, error.exitCode]).toEqual(['answers-invalid', 2]);
  return error.problems.map(
    ({ path, message, remedy }) => `${path}: ${message}${remedy === undefined ? '' : ` [${remedy}]`}`,
  );
}

describe('parseAnswers', () => {
  it('fills in every default', () => {
    expect(parseAnswers(LEAST)).toEqual({
      version: 1,
      bridge: { name: 'br0', uplink: 'eth0', existing: false, stp: false, forwardDelay: 0, mac: 'uplink' },
      address: { method: 'keep' },
      dhcpClient: 'auto',
      runtime: { install: 'service', image: 'bridge-setup' },
      firewall: 'auto',
      docker: { install: 'never' },
      packages: { install: true },
      verify: { container: { image: null, address: 'dhcp' }, ping: ['gateway'] },
      safety: { confirmSeconds: 120, confirm: 'attended', cloudInit: 'refuse', firewall: 'refuse' },
    });
  });

  it('takes leave to switch cloud-init off', () => {
    const { safety } = parseAnswers({ ...LEAST, safety: { cloudInit: 'disable' } });
    expect(safety).toMatchObject({ cloudInit: 'disable', firewall: 'refuse' });
  });

  it('takes a file that names its schema', () => {
    expect(parseAnswers({ $schema: 'https://example.org/answers.json', ...LEAST })).toMatchObject(LEAST);
  });

  it('parses its own result to the same answers', () => {
    const answers = parseAnswers({ ...LEAST, address: { ...STATIC, nameservers: ['192.168.1.1'] } });
    expect(parseAnswers(answers)).toEqual(answers);
  });

  it('lists every problem at once, each with its JSON path', async () => {
    expect(
      await problems({
        version: 2,
        bridge: { name: 'a-bridge-for-the-lan', uplink: 5, stp: 'no', forwardDelay: 31, mac: 'aa:bb' },
        address: { method: 'manual' },
        dhcpClient: 'pump',
        verify: { container: { address: '192.168.1.240' }, ping: [] },
        safety: { confirmSeconds: 1.5, cloudInit: true },
      }),
    ).toEqual([
      'version: Invalid input: expected 1',
      'bridge.name: an interface name has at most 15 characters',
      expect.stringMatching(/^bridge\.name: an interface name has letters/),
      'bridge.uplink: Invalid input: expected string, received number',
      'bridge.stp: Invalid input: expected boolean, received string',
      'bridge.forwardDelay: Too big: expected number to be <=30',
      'bridge.mac: expected "uplink" or a MAC address like 02:00:00:00:00:01',
      'address.method: Invalid option: expected one of "keep"|"dhcp"|"static"',
      'dhcpClient: Invalid option: expected one of "auto"|"udhcpc"|"dhclient"|"dhcpcd"',
      'verify.container.address: expected an address with its prefix length, like 192.168.1.10/24',
      'verify.ping: Too small: expected array to have >=1 items',
      'safety.confirmSeconds: Invalid input: expected int, received number',
      'safety.cloudInit: Invalid option: expected one of "refuse"|"disable"',
    ]);
  });

  it('says how many problems there are, and where to look', async () => {
    const one = await refusedBy(() => parseAnswers({ ...LEAST, version: 2 }));
    expect([one.message, one.hint]).toEqual([
      'The answers are not valid.',
      '`bridge-setup answers --schema` prints what is accepted.',
    ]);
    const two = await refusedBy(() => parseAnswers({ ...LEAST, version: 2, dhcpClient: 1 }));
    expect(two.message).toBe('The answers have 2 problems.');
  });

  it.each([[{ version: 1 }], [{ version: 1, bridge: {} }]])('never guesses the uplink: %j', async (value) => {
    expect(await problems(value)).toEqual([
      'bridge.uplink: required: the NIC that becomes the port of the bridge, or "auto"',
    ]);
  });

  it.each([[null], [5], ['br0'], [[]], [true]])('is no answers document: %j', async (value) => {
    expect(await problems(value)).toEqual([expect.stringMatching(/^\(document\): .*expected object/)]);
  });

  it.each([
    [{ ...LEAST, brigde: {} }, 'brigde: unknown key [Did you mean "bridge"?]'],
    [
      { version: 1, bridge: { uplink: 'eth0', upLink: 'eth1' } },
      'bridge.upLink: unknown key [Did you mean "uplink"?]',
    ],
    [
      { ...LEAST, verify: { container: { adress: 'dhcp' } } },
      'verify.container.adress: unknown key [Did you mean "address"?]',
    ],
    [
      { ...LEAST, address: { ...STATIC, nameserver: '9.9.9.9' } },
      'address.nameserver: unknown key [Did you mean "nameservers"?]',
    ],
    [{ ...LEAST, runtime: { colour: 'blue' } }, 'runtime.colour: unknown key [Known here: install, image.]'],
  ])('suggests the nearest key: %j', async (value, problem) => {
    expect(await problems(value)).toEqual([problem]);
  });

  it.each([
    '',
    '.',
    '..',
    'eth 0',
    'eth/0',
    'eth0;reboot',
    'eth0\n',
    '$(reboot)',
    'ünterface',
    'sixteen-letters-',
  ])('takes no interface named %j', async (name) => {
    expect((await problems({ version: 1, bridge: { uplink: 'eth0', name } })).join()).toContain(
      'bridge.name',
    );
    expect((await problems({ version: 1, bridge: { uplink: name } })).join()).toContain('bridge.uplink');
  });

  it.each([
    ['-br0', 'begins with "-"'],
    ['all', 'a meaning of its own'],
    ['default', 'a meaning of its own'],
    ['none', 'a meaning of its own'],
    ['192.168.77.50', 'looks like an address'],
    ['10', 'looks like an address or a number'],
    ['0x7f000001', 'looks like an address or a number'],
    ['br0.10', 'would be taken for VLAN 10 of br0'],
  ])('gives no bridge the name %s: %s', async (name, message) => {
    expect(await problems({ version: 1, bridge: { uplink: 'eth0', name } })).toEqual([
      expect.stringMatching(new RegExp(`^bridge\\.name: .*${message}`)),
    ]);
  });

  it.each(['br-lan', 'all1', 'lan.office', '_', 'vmbr0', 'x10', 'br0.x'])('lets it be %s', (name) => {
    expect(parseAnswers({ version: 1, bridge: { uplink: 'eth0', name } }).bridge.name).toBe(name);
  });

  it.each([
    ['01:00:5e:00:00:01', 'is a multicast address'],
    ['ff:ff:ff:ff:ff:ff', 'is a multicast address'],
    ['33:33:00:00:00:01', 'is a multicast address'],
    ['00:00:00:00:00:00', 'is zero'],
    ['02:00:00:00:00', 'expected "uplink" or a MAC address'],
  ])('gives it no MAC address that no link can have: %s %s', async (mac, message) => {
    expect(await problems({ version: 1, bridge: { uplink: 'eth0', mac } })).toEqual([
      expect.stringContaining(`bridge.mac: ${message}`),
    ]);
  });

  it.each(['02:00:00:00:00:01', '00:16:3E:00:00:00', 'uplink'])('takes the MAC address %s', (mac) => {
    expect(parseAnswers({ version: 1, bridge: { uplink: 'eth0', mac } }).bridge.mac).toBe(mac);
  });

  it('is content with 15 characters', () => {
    expect(parseAnswers({ version: 1, bridge: { uplink: 'enp0s31f6.1234_' } }).bridge.uplink).toHaveLength(
      15,
    );
  });
});

describe('a static address', () => {
  const given = (address: object) => problems({ ...LEAST, address: { ...STATIC, ...address } });

  it('needs an address and a gateway', async () => {
    expect(await problems({ ...LEAST, address: { method: 'static' } })).toEqual([
      'address.address: required when address.method is "static"',
      'address.gateway: required when address.method is "static"',
    ]);
  });

  it.each([
    [
      { gateway: '192.168.2.1' },
      'address.gateway: 192.168.2.1 is outside the subnet of 192.168.1.10/24, so it cannot be reached',
    ],
    [{ gateway: '192.168.1.10' }, 'address.gateway: is the address of the host itself'],
    [{ address: '192.168.1.0/24' }, 'address.address: is the address of the network itself'],
    [{ address: '192.168.1.255/24' }, 'address.address: is the broadcast address of its network'],
    [
      { address: '192.168.1.10' },
      'address.address: expected an address with its prefix length, like 192.168.1.10/24',
    ],
    [{ gateway: 'router' }, 'address.gateway: expected an IPv4 address like 192.168.1.1'],
    [{ nameservers: ['9.9.9.9', 'dns'] }, 'address.nameservers.1: expected an IPv4 address like 192.168.1.1'],
  ])('%j', async (address, problem) => {
    expect(await given(address)).toEqual([problem]);
  });

  it('is judged also when something else is wrong', async () => {
    expect(await problems({ ...LEAST, version: 2, address: { ...STATIC, gateway: '10.0.0.1' } })).toEqual([
      'version: Invalid input: expected 1',
      'address.gateway: 10.0.0.1 is outside the subnet of 192.168.1.10/24, so it cannot be reached',
    ]);
  });

  it.each(['keep', 'dhcp'])('is of no use with "%s"', async (method) => {
    expect(await given({ method })).toEqual([
      `address.address: only used when address.method is "static", and it is "${method}"`,
      `address.gateway: only used when address.method is "static", and it is "${method}"`,
    ]);
  });
});

describe('hostile answers', () => {
  /** JSON with the schema's own words in it, so that it gets past the first door. */
  const words = fc.constantFrom(
    'version',
    'bridge',
    'name',
    'uplink',
    'mac',
    'address',
    'verify',
    'ping',
    '__proto__',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(1, 'eth0', 'static', '192.168.1.10/24', null),
      fc.jsonValue(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(words, fc.string()), tie('value'), { maxKeys: 5 }),
    ),
  }));
  const almost = fc.record({ version: fc.constant(1), bridge: value, address: value, verify: value });

  it('are answers, or an error with exit code 2 and a path for each problem; never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(value, almost), (document) => {
        try {
          expect(parseAnswers(JSON.parse(JSON.stringify(document)))).toMatchObject({ version: 1 });
        } catch (error) {
          if (!(error instanceof SetupError)) throw error;
          expect(error.exitCode).toBe(2);
          expect(error.problems.length).toBeGreaterThan(0);
          for (const problem of error.problems) {
            expect(problem).toMatchObject({ path: expect.any(String), message: expect.stringMatching(/./) });
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('do not reach the prototype of anything', async () => {
    const document: unknown = JSON.parse('{"version":1,"bridge":{"uplink":"eth0","__proto__":{"stp":true}}}');
    expect(await problems(document)).toEqual([expect.stringMatching(/^bridge\.__proto__: unknown key/)]);
  });

  it('of ten thousand unknown keys are told in a moment', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
    const started = performance.now();
    expect(await problems({ ...LEAST, ...many })).toHaveLength(10_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('readAnswers', () => {
  const read = async (content: string) => {
    const file = join(await temporaryFolder(), 'answers.json');
    await writeFile(file, content);
    return readAnswers(localHost(), file);
  };

  it('reads a file', async () => {
    expect(await read(JSON.stringify(LEAST))).toEqual(parseAnswers(LEAST));
  });

  it.each([
    ['answers-not-json', '{"version": 1,'],
    ['answers-not-json', ''],
    ['answers-too-long', ' '.repeat(300_000)],
    ['answers-invalid', '[]'],
  ])('%s', async (code, content) => {
    const error = await refusedBy(() => read(content));
    expect([error.code, error.exitCode]).toEqual([code, 2]);
  });

  it('names keys that are there twice, beside all else that is wrong', async () => {
    const error = await refusedBy(() =>
      read('{"version":1,"bridge":{"uplink":"eth1","uplink":"eth0","name":"-br0"}}'),
    );
    expect([error.code, error.exitCode]).toEqual(['answers-invalid', 2]);
    expect(error.problems).toEqual([
      {
        path: 'bridge.uplink',
        message: 'appears more than once in its object, and only one of them can be meant',
        remedy: 'Leave one of them.',
      },
      { path: 'bridge.name', message: expect.stringContaining('begins with "-"') },
    ]);
    const twice = await refusedBy(() => read('{"version":1,"bridge":{"uplink":"eth0"},"version":1}'));
    expect(twice.problems.map(({ path }) => path)).toEqual(['version']);
  });

  it('says so when there is no such file, or it is a folder', async () => {
    const folder = await temporaryFolder();
    const missing = await refusedBy(() => readAnswers(localHost(), `${folder}/answers.json`));
    expect([missing.code, missing.exitCode]).toEqual(['answers-not-found', 2]);
    const unreadable = await refusedBy(() => readAnswers(localHost(), folder));
    expect([unreadable.code, unreadable.exitCode]).toEqual(['file-unreadable', 2]);
  });
});
