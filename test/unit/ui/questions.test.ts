import { describe, expect, it } from 'vitest';
import { BACK } from '../../../src/ui/asker.js';
import { interview } from '../../../src/ui/interview.js';
import { answersOf, type Detected, type Draft, questions } from '../../../src/ui/questions.js';
import { scripted } from '../support/scripted-asker.js';

const START: Draft = {
  existing: '',
  uplink: 'eth0',
  name: 'br0',
  method: 'keep',
  address: '192.168.1.10/24',
  gateway: '192.168.1.1',
  cloudInit: null,
  firewall: null,
  docker: null,
  proof: 'dhcp',
  proofAddress: '',
};
const NICS = [
  { name: 'eth0', description: 'has the default route' },
  { name: 'eth1', description: 'no cable' },
];

async function ask(
  sayings: Parameters<typeof scripted>[0],
  { canLeave = false, ...known }: Partial<Detected> & { readonly canLeave?: boolean } = {},
) {
  const topics = questions({
    existing: [],
    canMake: true,
    uplinks: NICS.slice(0, 1),
    address: '192.168.1.10/24, static (eth0)',
    leased: false,
    dockerInstalled: true,
    firewallRules: () => 0,
    rewritten: () => null,
    problem: () => null,
    ...known,
  });
  const { asker, asked, left } = scripted(sayings);
  const said = await interview(topics, asker, START, canLeave);
  expect(left, 'what was not asked').toEqual([]);
  return { said, asked: asked.map(({ message }) => message), offers: asked };
}

describe('the wizard asks', () => {
  it('only what it cannot know', async () => {
    const { said, asked } = await ask([]);
    expect(said).toEqual(START);
    expect(asked).toEqual([
      'Name of the bridge',
      'Address of this host, on the bridge:',
      'How shall it be proved that containers are on the LAN?',
    ]);
  });

  it('first whether a bridge that is there shall do, and then nothing about the network', async () => {
    const existing = [{ name: 'vmbr0', description: '192.168.1.10/24, port eno1' }];
    const { said, asked, offers } = await ask([['Which bridge', 'vmbr0']], { existing });
    expect(asked).toEqual([
      'Which bridge shall containers join?',
      'How shall it be proved that containers are on the LAN?',
    ]);
    expect(offers[0]?.choices).toEqual([
      'vmbr0 as it is, without a change of the network: 192.168.1.10/24, port eno1',
      'One that bridge-setup configures: its network files are changed',
    ]);
    expect(answersOf(said as Draft, 'service')).toEqual({
      version: 1,
      bridge: { name: 'vmbr0', existing: true },
      runtime: { install: 'service' },
      verify: { container: { address: 'dhcp' } },
    });
    expect((await ask([['Which bridge', '']], { existing })).asked).toContain('Name of the bridge');
  });

  it('nothing where that bridge is the only way', async () => {
    const existing = [{ name: 'br0', description: '' }];
    const { asked } = await ask([], { existing, canMake: false });
    expect(asked).not.toContain('Which bridge shall containers join?');
  });

  it('which NIC, where there are several; the likeliest first, as the offer', async () => {
    const { said, offers } = await ask([['Which NIC', 'eth1']], { uplinks: NICS });
    expect(said).toMatchObject({ uplink: 'eth1' });
    expect(offers[0]).toMatchObject({
      offered: 'eth0',
      choices: ['eth0  has the default route', 'eth1  no cable'],
    });
  });

  it('for the address where it is to be another one, with that of now as the offer', async () => {
    const { said, offers } = await ask([
      ['Address of this host', 'static'],
      ['Address with prefix', '192.168.1.20/24'],
    ]);
    expect(said).toMatchObject({ method: 'static', address: '192.168.1.20/24', gateway: '192.168.1.1' });
    expect(offers.find(({ message }) => message.startsWith('Address with'))?.offered).toBe('192.168.1.10/24');
  });

  it('about a lease only where the address is not one', async () => {
    const choices = async (leased: boolean) =>
      (await ask([], { leased })).offers.find(({ message }) => message.startsWith('Address of this host'))
        ?.choices;
    expect(await choices(false)).toContain('From the DHCP server of the LAN');
    expect(await choices(true)).toEqual([
      expect.stringMatching(/^Keep it as it is/),
      'Another static address',
    ]);
  });

  it('about Docker where it is missing, and about cloud-init where it would undo the change', async () => {
    const rewritten = (port: string, bridge: string) => (bridge === 'lan0' ? `/etc/${port}` : null);
    const { said, asked } = await ask(
      [
        ['Name', 'lan0'],
        ['cloud-init', 'disable'],
        ['Docker', 'if-missing'],
      ],
      { rewritten, dockerInstalled: false },
    );
    expect(asked).toHaveLength(5);
    expect(answersOf(said as Draft, 'service')).toMatchObject({
      docker: { install: 'if-missing' },
      safety: { cloudInit: 'disable' },
    });
    // What is offered is no.
    const { offers } = await ask([['Name', 'lan0']], { rewritten });
    expect(offers.find(({ message }) => message.includes('cloud-init'))).toMatchObject({ offered: 'refuse' });
  });

  it('for a free address where no DHCP server is', async () => {
    const { said } = await ask([
      ['How shall', 'static'],
      ['Free address', '192.168.1.240/24'],
    ]);
    expect(answersOf(said as Draft, 'none')).toEqual({
      version: 1,
      bridge: { name: 'br0', uplink: 'eth0' },
      address: { method: 'keep' },
      runtime: { install: 'none' },
      verify: { container: { address: '192.168.1.240/24' } },
    });
  });
});

describe('back', () => {
  it('is the question that was really asked before, with what was said as the offer', async () => {
    const { said, offers } = await ask([
      ['Name', 'lan0'],
      ['Address of this host', 'static'],
      ['Address with prefix', '<'],
      ['Address of this host', 'keep'],
      ['How shall', '<'],
      ['Address of this host', '<'],
      ['Name', null],
    ]);
    expect(said).toMatchObject({ name: 'lan0', method: 'keep' });
    expect(offers.filter(({ message }) => message.startsWith('Name')).map(({ offered }) => offered)).toEqual([
      'br0',
      'lan0',
    ]);
  });

  it('at the first question leaves, where there is something before it', async () => {
    expect((await ask([['Name', '<']], { canLeave: true })).said).toBe(BACK);
  });
});
