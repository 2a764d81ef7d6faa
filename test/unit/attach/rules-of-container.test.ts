import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesOfContainer } from '../../../src/attach/rules-of-container.js';
import { containerInfo } from '../support/fake-host.js';
import { anyWord, FUZZ_TIMEOUT_MS, RUNS } from './rule-words.js';

const config = { bridges: ['br0'] };
const rulesOf = (env: string[], parts = {}) => rulesOfContainer(containerInfo({ env, ...parts }), config);

describe('rulesOfContainer', () => {
  it('follows all rules, sorted by the name of the variable, and nothing else', () => {
    const { endpoints, problems } = rulesOf([
      'PATH=/bin',
      'pipework_cmd_b=br0 -i eth2 @CONTAINER_NAME@ dhcp',
      'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ 192.168.1.70/24 ',
      'my_pipework_cmd_a=pipework br0 -i eth3 web-7 0/0',
      'pipework_cmd_empty=',
    ]);
    expect(problems).toEqual([]);
    expect(endpoints.map(({ interfaceName }) => interfaceName)).toEqual(['eth3', 'eth0', 'eth2']);
  });

  it.each([
    ['@CONTAINER_NAME@', 'web-7'],
    ['@CONTAINER_ID@', '0123456789ab'],
    ['@HOSTNAME@', 'web.example'],
    ['@INSTANCE@', '7'],
    ['@COMPOSE_PROJECT_NAME@', 'shop'],
  ])('expands %s', (macro, value) => {
    const labels = { 'com.docker.compose.project': 'shop' };
    const { endpoints } = rulesOf([`pipework_cmd=br0 -l v.${macro} @CONTAINER_NAME@ dhcp`], { labels });
    expect(endpoints[0]?.hostInterfaceName).toBe(`v.${value}`);
  });

  it('puts the instance into an address', () => {
    const { endpoints } = rulesOf(['pipework_cmd=br0 web-7 10.0.0.@INSTANCE@/24@10.0.0.254']);
    expect(endpoints[0]?.address).toMatchObject({ address: '10.0.0.7/24', gateway: '10.0.0.254' });
  });

  it('names a macro without a value', () => {
    const [problem] = rulesOf(['pipework_cmd=br0 @COMPOSE_PROJECT_NAME@ dhcp']).problems;
    expect(problem).toMatchObject({ token: '@COMPOSE_PROJECT_NAME@', variable: 'pipework_cmd' });
  });

  it.each(['web-7', '0123456789ab', '0123456789abcdef', '0123456789abcdef'.repeat(4)])(
    'takes %s for itself',
    (guest) => {
      expect(rulesOf([`pipework_cmd=br0 ${guest} dhcp`]).endpoints).toHaveLength(1);
    },
  );

  it.each(['other', '01234567890', 'fedcba987654', 'web-77'])('does not take %s for itself', (guest) => {
    const { endpoints, problems } = rulesOf([`pipework_cmd=br0 ${guest} dhcp`]);
    expect(endpoints).toEqual([]);
    expect(problems[0]).toMatchObject({ code: 'rule-guest', token: guest });
  });

  it('refuses a bridge that is not for containers', () => {
    expect(rulesOf(['pipework_cmd=docker0 web-7 dhcp']).problems[0]?.token).toBe('docker0');
    // A macvlan on the NIC, in the rules of docker-pipework.
    expect(rulesOf(['pipework_cmd=eth0 web-7 dhcp']).problems[0]).toMatchObject({
      code: 'rule-interface',
      token: 'eth0',
      remedy: expect.stringContaining('Write "br0" for "eth0" in the rule.'),
    });
  });

  it('refuses the network of the host, and that of another container', () => {
    for (const networkMode of ['host', 'container:abc']) {
      const { endpoints, problems } = rulesOf(['pipework_cmd=br0 web-7 dhcp'], { networkMode });
      expect(endpoints).toEqual([]);
      expect(problems[0]?.message).toContain('network of');
    }
  });

  it('refuses a second rule for the same interface, and keeps the first', () => {
    const { endpoints, problems } = rulesOf(['pipework_cmd=br0 web-7 0/0', 'pipework_cmd_2=br0 web-7 dhcp']);
    expect(endpoints.map(({ address }) => address.method)).toEqual(['none']);
    expect(problems[0]?.token).toBe('eth1');
  });

  it('follows labels after the environment, the bare one first, the others by number', () => {
    const labels = {
      'bridge-setup.attach.10': 'br0 -i e10 web-7 0/0',
      'bridge-setup.attach.b': 'br0 -i eb web-7 0/0',
      'bridge-setup.attach.2': 'br0 -i e2 web-7 0/0',
      'bridge-setup.attach': 'br0 -i e0 @CONTAINER_NAME@ dhcp',
      'bridge-setup.attached': 'br0 -i no web-7 0/0',
      'x.bridge-setup.attach': 'br0 -i no web-7 0/0',
      'bridge-setup.attach.3': '',
    };
    const { endpoints, problems } = rulesOf(['z_pipework_cmd=br0 -i ez web-7 0/0'], { labels });
    expect(problems).toEqual([]);
    expect(endpoints.map(({ interfaceName }) => interfaceName)).toEqual(['ez', 'e0', 'e2', 'e10', 'eb']);
  });

  it('names the label whose rule is not followed', () => {
    const { problems } = rulesOf([], { labels: { 'bridge-setup.attach.1': 'br7 web-7 dhcp' } });
    expect(problems).toMatchObject([{ variable: 'bridge-setup.attach.1', token: 'br7' }]);
  });

  describe('with a key', () => {
    const rule = 'pipework_cmd=br0 web-7 dhcp';
    const followed = (parts: Partial<Parameters<typeof containerInfo>[0]>, imageEnv: string[] = []) => {
      const web = containerInfo({ env: [rule], ...parts });
      const { endpoints, problems } = rulesOfContainer(
        web,
        { ...config, key: 's+3/c=t' },
        { id: '', env: imageEnv, labels: {} },
      );
      expect(problems).toEqual([]);
      return endpoints.length;
    };

    it('follows the rules of containers that have it, and says nothing of the others', () => {
      expect(followed({ env: [rule, 'pipework_key=s+3/c=t'] })).toBe(1);
      expect(followed({ labels: { 'bridge-setup.key': 's+3/c=t' } })).toBe(1);
      expect(followed({})).toBe(0);
      expect(followed({ env: [rule, 'pipework_key=s+3/c'] })).toBe(0);
      expect(followed({ env: [rule, 'x_pipework_key=s+3/c=t'] })).toBe(0);
    });

    it('takes none from the image', () => {
      expect(followed({ env: [rule, 'pipework_key=s+3/c=t'] }, ['pipework_key=s+3/c=t'])).toBe(0);
    });
  });

  describe('trust', () => {
    const given = 'pipework_cmd_b=br0 -i eth2 web-7 192.168.1.71/24';
    const baked = 'pipework_cmd_a=br0 web-7 192.168.1.70/24';
    const container = containerInfo({ env: [baked, given], image: 'shop:3' });
    const image = { id: '', env: [baked], labels: {} };

    it('follows what was given at `docker run`, and not what the image brings along', () => {
      const { endpoints, problems } = rulesOfContainer(container, config, image);
      expect(endpoints.map(({ interfaceName }) => interfaceName)).toEqual(['eth2']);
      expect(problems).toMatchObject([
        { variable: 'pipework_cmd_a', code: 'rule-from-image', endpoint: { interfaceName: 'eth1' } },
      ]);
      expect(problems[0]?.message).toContain('shop:3');
      expect(problems[0]?.remedy).toContain('"imageRules": true');
    });

    it('follows the rules of images where it is allowed', () => {
      const { endpoints } = rulesOfContainer(container, { ...config, imageRules: true }, image);
      expect(endpoints).toHaveLength(2);
    });

    it('goes for labels, too', () => {
      const labels = {
        'bridge-setup.attach': 'br0 web-7 dhcp',
        'bridge-setup.attach.1': 'br0 -i e1 web-7 0/0',
      };
      const baked = { id: '', env: [], labels: { 'bridge-setup.attach': 'br0 web-7 dhcp' } };
      const { endpoints, problems } = rulesOfContainer(containerInfo({ labels }), config, baked);
      expect(endpoints.map(({ interfaceName }) => interfaceName)).toEqual(['e1']);
      expect(problems).toMatchObject([{ variable: 'bridge-setup.attach', code: 'rule-from-image' }]);
    });

    it('takes another value than that of the image for given', () => {
      const other = { id: '', env: [baked.replace('.70', '.99')], labels: {} };
      expect(rulesOfContainer(container, config, other).problems).toEqual([]);
    });

    it('follows nothing of a container whose image cannot be looked at', () => {
      const { endpoints, problems } = rulesOfContainer(container, config, null);
      expect([endpoints, problems.map(({ code }) => code)]).toEqual([
        [],
        ['rule-from-image', 'rule-from-image'],
      ]);
    });

    it.each([
      ['192.168.1.70/24', ['192.168.1.64/26', '10.0.0.0/8'], true],
      ['192.168.1.70/24', ['10.0.0.0/8', 'fd00::/8'], false],
      ['fd00::7/64', ['fd00::/8'], true],
      ['fd01::7/64', ['fd00::/16'], false],
      ['dhcp', ['10.0.0.0/8'], true],
      ['0/0', ['10.0.0.0/8'], true],
    ])('with a list of networks: %s in %j is allowed: %s', (address, addresses, allowed) => {
      const web = containerInfo({ env: [`pipework_cmd=br0 web-7 ${address}`] });
      const { endpoints, problems } = rulesOfContainer(web, { ...config, addresses });
      expect([endpoints.length, problems.map(({ code }) => code)]).toEqual(
        allowed ? [1, []] : [0, ['rule-address-range']],
      );
    });

    it('names no endpoint of a refused rule where another rule has one', () => {
      const env = ['pipework_cmd=br0 web-7 0/0', 'pipework_cmd_2=br0 web-7 dhcp'];
      expect(rulesOf(env).problems[0]?.endpoint).toBeNull();
    });
  });

  it('lets no environment crash it, and every text it returns is printable', () => {
    const name = fc.constantFrom('pipework_cmd', 'pipework_cmd_2', 'x_pipework_cmd_\u001b[2J');
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.constantFrom('br0 @CONTAINER_NAME@ @HOSTNAME@', '@INSTANCE@'.repeat(200), 'br0 web-7 $(id)'),
    );
    const env = fc.array(
      fc.oneof(
        fc.tuple(name, value).map((pair) => pair.join('=')),
        fc.string(),
      ),
    );
    const label = fc.constantFrom(
      'bridge-setup.attach',
      'bridge-setup.attach.\u001b[2J',
      'bridge-setup.attach.9',
    );
    const labels = fc.dictionary(fc.oneof(label, fc.string()), value);
    const odd = fc.record({ env, labels, name: fc.string(), hostname: fc.string({ unit: 'binary' }) });
    fc.assert(
      fc.property(odd, (parts) => {
        const { endpoints, problems } = rulesOfContainer(containerInfo(parts), config);
        for (const { bridge } of endpoints) expect(bridge).toBe('br0');
        for (const { endpoint, ...problem } of problems)
          expect(Object.values(problem).join('')).toMatch(/^[\x20-\x7e…]*$/);
      }),
    );
  });

  it(
    'follows or refuses by name whatever rules an environment holds',
    () => {
      const name = fc.constantFrom(
        'pipework_cmd',
        'pipework_cmd_1',
        'a_pipework_cmd',
        'pipework_key',
        'PATH',
      );
      const rule = fc.array(anyWord, { maxLength: 8 }).map((words) => words.join(' '));
      const env = fc.array(
        fc.tuple(name, rule).map((pair) => pair.join('=')),
        { maxLength: 4 },
      );
      fc.assert(
        fc.property(env, (lines) => {
          const { endpoints, problems } = rulesOf(lines);
          expect(JSON.stringify(endpoints)).not.toMatch(/[$`;&|<>()\\\s]/);
          for (const { message, variable } of problems) {
            expect(variable).toContain('pipework');
            expect(message).not.toBe('');
          }
        }),
        { numRuns: RUNS },
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  it('has a bound on the number of rules', () => {
    const env = Array.from({ length: 40 }, (_, n) => `pipework_cmd_${n}=br0 -i e${n} web-7 0/0`);
    const { endpoints, problems } = rulesOf(env);
    expect([endpoints.length, problems.length]).toEqual([32, 8]);
  });
});
