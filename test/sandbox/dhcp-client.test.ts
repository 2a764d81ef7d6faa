import { expect, it } from 'vitest';
import { ANSWERS, eventually, setUp, startHost, withInterfaces } from './support.js';

const STATIC = `auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
`;

it.each([
  ['dhclient', 'isc-dhcp-client'],
  ['dhcpcd', 'dhcpcd-base'],
] as const)(
  '%s is installed for containers where the answers name it, and the proof leases by it',
  async (client, name) => {
    const copy = await startHost(
      (model) => ({ ...withInterfaces(STATIC)(model), packages: ['ifupdown'] }),
      [],
      client,
    );
    try {
      expect((await copy.sandbox.run(['which', client], { check: false })).exitCode).toBe(1);
      // The host itself has a static address.
      const seen = new Set<string>();
      let over = false;
      const watched = eventually(
        `${client} in a container`,
        async () => {
          const { stdout } = await copy.sandbox.run(['ps', '-eo', 'comm=']);
          for (const name of stdout.split('\n')) if (/^(udhcpc|dhclient|dhcpcd)$/.test(name)) seen.add(name);
          return over;
        },
        300_000,
      );
      const run = await setUp(copy, { ...ANSWERS, dhcpClient: client });
      over = true;
      await watched;
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      const steps = run.document.plan.steps as { kind: string; packages?: string[] }[];
      expect(steps.find(({ kind }) => kind === 'install-packages')?.packages).toContain(name);
      expect([...seen]).toEqual([client]);
      const config = JSON.parse((await copy.sandbox.read('/etc/bridge-setup/runtime.json')) ?? '');
      expect(config.dhcpClient).toBe(client);
    } finally {
      await copy.stop();
    }
  },
);
