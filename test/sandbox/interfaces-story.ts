import { readFileSync } from 'node:fs';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { recordedFacts, scenarioFile } from '../unit/support/scenario.js';
import { setUp } from './support.js';
import { differing, wholeNetwork } from './whole-network.js';

/** What was not as expected, by the phase of the story. */
export type Differences = Record<string, string[]>;

/** What the port shows and the NIC did not, by nature: it is a port. */
const OF_A_PORT = / (link|address) PORT|^[-+] link (.* )?ifname=PORT/;

/**
 * A host with the files of a scenario: boot, set-up, boot, rollback, boot, each time compared in full with the first boot.
 * A scenario that asks for another address is compared with what the set-up made.
 */
export class InterfacesStory {
  readonly differences: Differences = {};

  constructor(
    readonly copy: RunningCopy,
    readonly name: string,
  ) {}

  async run(): Promise<Differences> {
    const answers = JSON.parse(readFileSync(scenarioFile(this.name, 'answers.json'), 'utf8'));
    const plan = JSON.parse(readFileSync(scenarioFile(this.name, 'plan.json'), 'utf8'));
    const { uplink, bridge } = plan as { uplink: string; bridge: string };
    const files = await this.#files();
    try {
      await this.#shell(`ip link set dev eth0 down; ip link set dev eth0 name ${uplink}`);
      await this.#write(files);
      await this.#boot('boot');
      const asNic = { [uplink]: 'LINK' };
      const asBridge = { [bridge]: 'LINK', [uplink]: 'PORT' };
      const before = await wholeNetwork(this.copy, asNic);

      const asked = { ...answers, bridge: { ...answers.bridge, uplink }, runtime: { install: 'none' } };
      const done = await setUp(this.copy, { ...asked, safety: { confirm: 'never' } });
      if (done.exitCode !== 0)
        return { ...this.differences, 'set-up': [JSON.stringify(done.document.error ?? done.document)] };
      const live = await wholeNetwork(this.copy, asBridge);
      const keeps = (answers.address?.method ?? 'keep') === 'keep';
      if (keeps) this.#compare('set-up', before, live);

      await this.#down(uplink);
      await this.#boot('boot with the bridge');
      this.#compare('boot with the bridge', keeps ? before : live, await wholeNetwork(this.copy, asBridge));

      const back = await this.copy.bridgeSetup(['rollback', '--json']);
      if (back.exitCode !== 0) this.differences.rollback = [`exit ${back.exitCode}`, back.stdout];
      else this.#compare('rollback', before, await wholeNetwork(this.copy, asNic));
      for (const [path, content] of Object.entries(files)) {
        if ((await this.copy.sandbox.read(path)) !== content) this.differences[path] = ['is not as it was'];
      }
      await this.#down(uplink);
      await this.#boot('boot after the rollback');
      this.#compare('boot after the rollback', before, await wholeNetwork(this.copy, asNic));
      return this.differences;
    } finally {
      await this.#down(uplink);
      await this.#shell(
        `ip link delete ${bridge}; ip link set dev ${uplink} down; ip link set dev ${uplink} name eth0`,
      );
    }
  }

  #compare(phase: string, expected: readonly string[], found: readonly string[]): void {
    const lines = differing(expected, found).filter(
      (line) => !OF_A_PORT.test(line) && !isIfstate(line, phase),
    );
    if (lines.length > 0) this.differences[phase] = lines;
  }

  async #files(): Promise<Record<string, string>> {
    const { files } = await recordedFacts(this.name);
    const own = Object.entries(files).filter(([path]) => path.startsWith('/etc/network/'));
    return Object.fromEntries(own.map(([path, { content }]) => [path, content]));
  }

  async #write(files: Readonly<Record<string, string>>): Promise<void> {
    await this.#shell('rm -rf /etc/network/interfaces /etc/network/interfaces.d /etc/network/sites');
    for (const [path, content] of Object.entries(files)) await this.copy.sandbox.write(path, content);
    await this.copy.sandbox.write('/etc/resolv.conf', 'nameserver 192.168.1.1\n');
  }

  async #boot(phase: string): Promise<void> {
    const { exitCode, stderr } = await this.#shell('ifup -a && ifup -a --allow=hotplug');
    // Addresses of IPv6 are there once the kernel has asked for duplicates.
    await this.#shell(
      'for i in $(seq 50); do ip -6 address show tentative | grep -q . || break; sleep 0.1; done',
    );
    if (exitCode !== 0) this.differences[`${phase}: ifup`] = stderr.split('\n').slice(-6);
  }

  async #down(uplink: string): Promise<void> {
    await this.#shell(
      `for i in $(ifquery --state | cut -d= -f1 | grep -vx lo | tac); do ifdown --force "$i"; done
       ip address flush dev ${uplink}; ip link set dev ${uplink} down mtu 1500 addrgenmode eui64
       ip link set dev eth1 down; rm -f /run/dhclient*.pid`,
    );
  }

  #shell(script: string) {
    return this.copy.sandbox.run(['sh', '-c', script], { check: false, timeoutMs: 120_000 });
  }
}

/** While there is a bridge, other interfaces are up; ifupdown's record counts after a rollback. */
const isIfstate = (line: string, phase: string) => /^[-+] ifstate/.test(line) && /bridge|set-up/.test(phase);
