import { readFileSync } from 'node:fs';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { recordedFacts, scenarioFile } from '../unit/support/scenario.js';
import { setUp } from './support.js';
import { differing, wholeNetwork } from './whole-network.js';

/** What was not as expected, by the phase of the story. */
export type Differences = Record<string, string[]>;

/** The phases in which the network is compared, in order. */
export const PHASES = ['set-up', 'boot with the bridge', 'rollback', 'boot after the rollback'] as const;

/**
 * What the port shows and the NIC did not, by nature: it is a port. One with a stanza of its own is up before, and the
 * kernel has given it a link-local address by then, which bridge-utils prevents for the others (`addrgenmode none`).
 */
const OF_A_PORT =
  /^[-+] (setting PORT |address PORT (?!.*scope=global)|link (.* )?ifname=PORT|route dev=PORT dst=fe80::\S* metric=\d+ pref=medium protocol=kernel)/;

/** What the live change sets otherwise on the bridge, on purpose: an address may go while others of its subnet stay. */
const OF_THE_BRIDGE = /^[-+] setting LINK ipv4\/promote_secondaries=/;

/** Addresses that scenarios have for a gateway, and the LAN has not by itself. */
const MORE_GATEWAYS = ['192.168.1.254/32'];

/** What the LAN has to serve for a scenario; options of dnsmasq(8). */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  'dual-stack-auto': ['--enable-ra', '--dhcp-range=2001:db8:1::,ra-only,64,1h'],
  'dual-stack-dhcp6': ['--enable-ra', '--dhcp-range=2001:db8:1::100,2001:db8:1::1ff,64,1h'],
};

/** Scenarios that are refused with their own answers, the code, and the answer that the refusal names. */
export const REFUSED: Readonly<Record<string, { readonly code: string; readonly safety: object }>> = {
  'hooks-of-all-kinds': { code: 'firewall-names-uplink', safety: { firewall: 'keep' } },
  'two-nics': { code: 'firewall-names-uplink', safety: { firewall: 'follow' } },
};

/** Scenarios whose second NIC leases an address: it is plugged into the LAN, else the boot would wait for a server. */
const ON_THE_LAN = ['two-nics-hotplug-line'];

/**
 * Phases in which an address has no lifetime, or a lifetime, by nature: dhclient-script adds an address that is there
 * already without one, and its first renewal, half a lease later, gives it one.
 */
const LIFETIME_LATER: Readonly<Record<string, string>> = {
  'to-dhcp': 'boot with the bridge',
  'to-static': 'rollback',
};

/** Of the NIC, which a boot finds as it was made. */
const MAC = '02:00:5e:10:00:01';

/** A second NIC, under a name that `auto /eth*` does not mean; it is eth1 where a scenario has one. */
export const SPARE = 'spare1';

/** Commands of hooks that the copy has not; none of them is about addresses. */
const MISSING = ['ethtool'];

/** A host to be told a story of. */
export interface StoryHost {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly answers: {
    readonly version: 1;
    readonly bridge?: object;
    readonly address?: { readonly method?: string };
  };
  readonly uplink: string;
  readonly bridge: string;
  /** Where its eth1 is plugged in; absent: it has none. */
  readonly second?: 'lan' | 'nowhere';
  /** What the LAN has to serve; options of dnsmasq(8). */
  readonly served?: readonly string[];
}

/** The host of a scenario. */
export async function scenarioHost(name: string): Promise<StoryHost> {
  const answers = JSON.parse(readFileSync(scenarioFile(name, 'answers.json'), 'utf8'));
  const { uplink, bridge } = JSON.parse(readFileSync(scenarioFile(name, 'plan.json'), 'utf8'));
  const { files, links } = await recordedFacts(name);
  const own = Object.entries(files).filter(([path]) => path.startsWith('/etc/network/'));
  const hasSecond = links.some((link) => link.name === 'eth1');
  return {
    ...{ name, answers, uplink, bridge },
    files: Object.fromEntries(own.map(([path, { content }]) => [path, content])),
    ...(hasSecond ? { second: ON_THE_LAN.includes(name) ? 'lan' : 'nowhere' } : {}),
    ...(SERVED[name] === undefined ? {} : { served: SERVED[name] }),
  };
}

/**
 * A host with such files: boot, set-up, boot, rollback, boot, each time compared in full with the first boot.
 * One that gets another address is compared with what the set-up made.
 */
export class InterfacesStory {
  readonly differences: Differences = {};
  /** The network after the set-up. */
  live: readonly string[] = [];

  constructor(
    readonly copy: RunningCopy,
    readonly host: StoryHost,
  ) {}

  async run(): Promise<Differences> {
    const { answers, uplink, bridge, files } = this.host;
    const second = this.host.second === undefined ? SPARE : 'eth1';
    try {
      await this.#shell(`ip link set dev ${SPARE} name ${second}`);
      await this.#prepareLan();
      await this.#shell(`ip link set dev eth0 down; ip link set dev eth0 name ${uplink}`);
      await this.#shell(settingsOfNewLink(uplink));
      await this.#write(files);
      await this.#boot('boot');
      const asNic = { [uplink]: 'LINK' };
      const asBridge = { [bridge]: 'LINK', [uplink]: 'PORT' };
      const before = await this.#network(asNic);

      const asked = { ...answers, bridge: { ...answers.bridge, uplink }, runtime: { install: 'none' } };
      if (!(await this.#setUp(asked))) return this.differences;
      const live = await this.#network(asBridge);
      this.live = live;
      const keeps = (answers.address?.method ?? 'keep') === 'keep';
      if (keeps) this.#compare('set-up', before, live);

      await this.#down(uplink);
      await this.#boot('boot with the bridge');
      this.#compare('boot with the bridge', keeps ? before : live, await this.#network(asBridge));

      const back = await this.copy.bridgeSetup(['rollback', '--json']);
      if (back.exitCode !== 0) this.differences.rollback = [`exit ${back.exitCode}`, back.stdout];
      else this.#compare('rollback', before, await this.#network(asNic));
      for (const [path, content] of Object.entries(files)) {
        if ((await this.copy.sandbox.read(path)) !== content) this.differences[path] = ['is not as it was'];
      }
      await this.#down(uplink);
      await this.#boot('boot after the rollback');
      this.#compare('boot after the rollback', before, await this.#network(asNic));
      return this.differences;
    } finally {
      await this.#down(uplink);
      await this.#shell(
        `ip link delete ${bridge}; ip link set dev ${uplink} down; ip link set dev ${uplink} name eth0
         ip link set dev ${second} down; ip link set dev ${second} name ${SPARE}
         # What a story that ended early has not rolled back is not the next one's.
         rm -rf /var/lib/bridge-setup /etc/bridge-setup`,
      );
    }
  }

  /** Whether the host was set up; a refusal that is expected is answered. */
  async #setUp(asked: object): Promise<boolean> {
    const refused = REFUSED[this.host.name];
    if (refused !== undefined) {
      const { exitCode, document } = await setUp(this.copy, asked);
      if (exitCode !== 3 || document.error?.code !== refused.code) {
        this.differences['set-up'] = [`not refused: ${exitCode} ${JSON.stringify(document.error)}`];
        return false;
      }
    }
    const safety = { confirm: 'never', ...refused?.safety };
    const { exitCode, document } = await setUp(this.copy, { ...asked, safety });
    if (exitCode === 0) return true;
    const { state, error, verification } = document;
    this.differences['set-up'] = [`exit ${exitCode} ${JSON.stringify(error ?? { state, verification })}`];
    return false;
  }

  /** @param names the uplink last */
  async #network(names: Readonly<Record<string, string>>): Promise<string[]> {
    await this.#shell(
      'for i in $(seq 50); do ip -6 address show tentative | grep -q . || break; sleep 0.1; done',
    );
    return wholeNetwork(this.copy, names, Object.keys(names).at(-1));
  }

  #compare(phase: string, expected: readonly string[], found: readonly string[]): void {
    const isLater = LIFETIME_LATER[this.host.name] === phase;
    const given = (lines: readonly string[]) =>
      isLater ? lines.map((line) => line.replace(/^(address .*) dynamic=true/, '$1')) : lines;
    const lines = differing(given(expected), given(found)).filter(
      (line) => !OF_A_PORT.test(line) && !OF_THE_BRIDGE.test(line) && !isIfstate(line, phase),
    );
    if (lines.length > 0) this.differences[phase] = lines;
  }

  async #prepareLan(): Promise<void> {
    const { lan, sandbox } = this.copy;
    for (const address of MORE_GATEWAYS) {
      await lan.run(['ip', 'address', 'replace', address, 'dev', 'lan0']);
    }
    const second = this.host.second === 'lan' ? 'lan0' : 'dark0';
    // Where the host has a second NIC.
    await lan.run(['ip', 'link', 'set', 'far1', 'master', second], { check: false });
    for (const command of MISSING) {
      await sandbox.write(`/usr/local/sbin/${command}`, '#!/bin/sh\nexit 0\n', 0o755);
    }
    await lan.stopDhcpServer();
    await lan.startDhcpServer(this.host.served ?? []);
  }

  async #write(files: Readonly<Record<string, string>>): Promise<void> {
    await this.#shell('rm -rf /etc/network/interfaces /etc/network/interfaces.d /etc/network/sites');
    for (const [path, content] of Object.entries(files)) await this.copy.sandbox.write(path, content);
    await this.copy.sandbox.write(
      '/etc/resolv.conf',
      '# by hand\noptions timeout:3\nnameserver 192.168.1.1\n',
    );
  }

  async #boot(phase: string): Promise<void> {
    const { exitCode, stderr } = await this.#shell('ifup -a && ifup -a --allow=hotplug');
    if (this.host.served !== undefined) {
      await this.#shell(
        'for i in $(seq 50); do ip -6 route show default | grep -q "proto ra" && break; sleep 0.1; done',
      );
    }
    if (exitCode !== 0) this.differences[`${phase}: ifup`] = stderr.split('\n').slice(-6);
  }

  async #down(uplink: string): Promise<void> {
    await this.#shell(
      `for i in $(ifquery --state | cut -d= -f1 | grep -vx lo | tac); do ifdown --force "$i"; done
       ip address flush dev ${uplink}; ip link set dev ${uplink} down address ${MAC} mtu 1500 addrgenmode eui64
       tc qdisc del dev ${uplink} root
       ${settingsOfNewLink(uplink)}
       ip address flush dev eth1; ip link set dev eth1 down
       for client in $(pidof dhclient); do kill -9 "$client"; done; rm -f /run/dhclient*.pid
       iptables -t nat -S POSTROUTING | grep -E -- '-o (eth|br)0 -j MASQUERADE' | sed 's/^-A/-D/' | xargs -rL1 iptables -t nat`,
    );
  }

  #shell(script: string) {
    return this.copy.sandbox.run(['sh', '-c', script], { check: false, timeoutMs: 45_000 });
  }
}

/** A boot finds the NIC with the settings of a new link; hooks of the story before may have changed them. */
const settingsOfNewLink = (link: string) =>
  `for family in ipv4 ipv6; do
     for file in /proc/sys/net/$family/conf/default/*; do
       case $file in */mtu|*/stable_secret|*/addr_gen_mode|*/mc_forwarding) continue;; esac
       cat "$file" > "/proc/sys/net/$family/conf/${link}/\${file##*/}"
     done
   done 2>/dev/null`;

/** A line for each scenario: refused with which code at first, and equal or different in each phase. */
export function outcomeTable(outcomes: ReadonlyMap<string, Differences>): string {
  const lines = [...outcomes].map(([name, differences]) => {
    const phases = PHASES.map(
      (phase) => `${phase}: ${differences[phase] === undefined ? 'equal' : 'DIFFERENT'}`,
    );
    const others = Object.keys(differences).filter((key) => !PHASES.some((phase) => phase === key));
    const refused = REFUSED[name] === undefined ? [] : [`refused first: ${REFUSED[name].code}`];
    return [name, ...refused, ...phases, ...others.map((key) => `${key}: DIFFERENT`)].join(' | ');
  });
  return lines.join('\n');
}

/** While there is a bridge, other interfaces are up; ifupdown's record counts after a rollback. */
const isIfstate = (line: string, phase: string) => /^[-+] ifstate/.test(line) && /bridge|set-up/.test(phase);
