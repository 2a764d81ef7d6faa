import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bridgeSetup } from '../support/cli.js';
import { scenarioFile } from '../support/scenario.js';

const hasScript = spawnSync('script', ['--version']).status === 0;

/** The wizard for a host that was recorded, line by line; it ends with the plan, since it is elsewhere. */
async function wizard(name: string, ...lines: string[]) {
  const facts = ['--facts', scenarioFile(name, 'facts.json'), '--root', scenarioFile(name, 'rootfs')];
  const run = await bridgeSetup(['--dry-run', ...facts], {
    terminal: true,
    env: { TERM: 'dumb' },
    input: lines.map((line) => `${line}\n`).join(''),
  });
  return { exitCode: run.exitCode, screen: run.stdout.replaceAll('\r', '') };
}

describe.skipIf(!hasScript)('the wizard', () => {
  it('plans by what was said', async () => {
    const { exitCode, screen } = await wizard('debian12-dhcp', 'lan0', '', '');
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('Create lan0')]);
    expect(screen).toMatch(/ {2}bridge\.name +lan0 +given/);
    expect(screen).toMatch(/ {2}bridge\.uplink +eth0 +detected: the only NIC/);
  });

  it('says what no answer would help before it asks anything', async () => {
    const { exitCode, screen } = await wizard('networkmanager');
    expect(exitCode, screen).toBe(3);
    expect(screen).toContain('NetworkManager');
    expect(screen).not.toContain('Name of the bridge');
  });

  it('offers the bridge that is there: first as it is, else to be configured', async () => {
    const { screen, exitCode } = await wizard('proxmox-bridge-adopted', '', '');
    expect(screen).toMatch(
      /1 +vmbr0 as it is, without a change of the network: 192\.168\.1\.10\/24, port eno1/,
    );
    expect(screen).toContain('Containers can join vmbr0, which stays as it is');
    expect(exitCode).toBe(0);
    const other = await wizard('proxmox-bridge-adopted', '2', '', '', '');
    expect(other.screen).toMatch(/Name of the bridge.*\[vmbr0\]/);
  });

  it('takes the bridge of a host that cannot be converted, and says what is wrong with it', async () => {
    const { screen, exitCode } = await wizard('existing-networkmanager-stp', '');
    expect(screen).not.toContain('Which bridge');
    expect(screen).toContain('STP is on at br0');
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('Containers can join br0')]);
  });

  it('refuses in place what would prove nothing, or could not be reached', async () => {
    const proof = await wizard(
      'debian12-static',
      '',
      '',
      '2',
      '10.0.0.5/24',
      '192.168.1.10/24',
      '192.168.1.240/24',
    );
    expect(proof.screen).toContain('> 10.0.0.5 is not in the network of this host, 192.168.1.10/24');
    expect(proof.screen).toContain('> is the address of this host');
    expect(proof.screen).toMatch(/verify\.container\.address 192\.168\.1\.240\/24 +given/);
    const own = await wizard('debian12-static', '', '3', '192.168.1.20/24', '192.168.2.1', '', '');
    expect(own.screen).toContain('> 192.168.2.1 is outside the subnet of 192.168.1.20/24');
    expect([own.exitCode, own.screen]).toEqual([
      0,
      expect.stringMatching(/address\.gateway +192\.168\.1\.1 +given/),
    ]);
  });

  it("refuses in place what is another one's: a NIC's name, the gateway's address, that of the network", async () => {
    const name = await wizard('debian12-static', 'eth0', 'br0', '', '');
    expect(name.screen).toContain('> eth0 is there already, and is no bridge');
    expect(name.exitCode, name.screen).toBe(0);
    const proof = await wizard(
      'debian12-static',
      ...['', '', '2'],
      ...['192.168.1.1/24', '192.168.1.255/24', '192.168.1.0/24', '192.168.1.255/16', '192.168.1.240/24'],
    );
    expect(proof.screen).toContain('> is the address of the gateway');
    expect(proof.screen.match(/> is the broadcast address of its network/g)).toHaveLength(2);
    expect(proof.screen).toContain('> is the address of the network itself');
    expect(proof.exitCode, proof.screen).toBe(0);
    const own = await wizard(
      'debian12-static',
      ...['', '3'],
      ...['192.168.1.255/24', '192.168.1.0/24', '192.168.1.20/24'],
      ...['192.168.1.20', '', ''],
    );
    expect(own.screen).toContain('> is the broadcast address of its network');
    expect(own.screen).toContain('> is the address of the network itself');
    expect(own.exitCode, own.screen).toBe(0);
  });

  it('asks again where an answer leads to a refusal', async () => {
    const { exitCode, screen } = await wizard('cloud-init', '', '1', '', '', '1', '', '2', '', '');
    expect(screen).toContain('What now?');
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('Keep cloud-init from writing')]);
    const left = await wizard('cloud-init', '', '1', '', '', '2');
    expect(left.exitCode, left.screen).toBe(3);
  });
});
