import { readFileSync } from 'node:fs';
import type { Plan } from '../../src/model/plan.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { recordedFacts, scenarioFile } from '../unit/support/scenario.js';
import { setUp } from './support.js';
import { differing, wholeNetwork } from './whole-network.js';

/** What was not as expected, by the phase of the story. */
export type Differences = Record<string, string[]>;

/** What the manager of a host does in a story. */
export interface StoryManager {
  /** Whether it goes by a file of a scenario. */
  readonly isOwn: (path: string) => boolean;
  /** Nothing but these files, on a host whose network is down; the uplink has the name that they give it. */
  readonly prepare: (files: Readonly<Record<string, string>>, uplink: string) => Promise<void>;
  /** Bring the network up as a boot does; lines of what it said if it failed. */
  readonly boot: () => Promise<readonly string[]>;
  /** Bring it down, and let the NIC be what a boot finds. */
  readonly down: (uplink: string) => Promise<void>;
  /** What an administrator does instead of a boot, where the manager has such a thing. */
  readonly restart?: () => Promise<readonly string[]>;
  /** Nothing is left of the story; the NIC is eth0 again. */
  readonly end: (uplink: string, bridge: string) => Promise<void>;
  /** By the nature of this manager no difference. */
  readonly ignores?: (line: string, phase: string) => boolean;
}

/** What the port shows and the NIC did not, by nature: it is a port. RHEL's has a link-local address, as any NIC there. */
const OF_A_PORT =
  / (link|address|setting|zone) PORT|^[-+] link (.* )?ifname=PORT|^[-+] route dev=PORT dst=fe80:/;
/**
 * What the live change sets otherwise on the bridge, on purpose: with it an address may go while others of its subnet
 * stay.
 */
const OF_THE_BRIDGE = /^[-+] setting LINK ipv4\/promote_secondaries=/;

/**
 * Where the address comes another way than before: whether ifup or a client has set the default route; and the address
 * that stays while a client takes over has no lifetime until its lease is renewed.
 */
const BY_WHOM = / flags=onlink/;
const NOT_RENEWED = / dynamic=true/;

/**
 * A host with the files of a scenario: boot, set-up, restart, boot, rollback, restart, boot, each time compared in full
 * with the first boot. A scenario that asks for another address is compared with what the set-up made.
 */
export class NetworkStory {
  readonly differences: Differences = {};
  /** Whether the first boot failed; `null`: there was none. */
  #fails: boolean | null = null;
  /** Whether the set-up asks for another way to get an address. */
  #isMoved = false;
  /** Differences that the plan has announced as risks. */
  #announced: RegExp | null = null;

  constructor(
    readonly copy: RunningCopy,
    readonly name: string,
    readonly manager: StoryManager,
  ) {}

  async run(): Promise<Differences> {
    const { manager } = this;
    const answers = JSON.parse(readFileSync(scenarioFile(this.name, 'answers.json'), 'utf8'));
    const plan = JSON.parse(readFileSync(scenarioFile(this.name, 'plan.json'), 'utf8'));
    const { uplink, bridge, risks } = plan as Pick<Plan, 'uplink' | 'bridge' | 'risks'>;
    if (risks.some(({ check }) => check === 'name-servers-order')) this.#announced = /^[-+] resolv /;
    const files = await this.#files();
    const asNic = () => wholeNetwork(this.copy, { [uplink]: 'LINK' });
    const asBridge = () => wholeNetwork(this.copy, { [bridge]: 'LINK', [uplink]: 'PORT' });
    try {
      await manager.prepare(files, uplink);
      await this.#up('boot', manager.boot);
      const booted = await asNic();
      await this.#restart('restart');
      const before = manager.restart === undefined ? booted : await asNic();
      this.#compare('restart', booted, before);

      const asked = { ...answers, bridge: { ...answers.bridge, uplink }, runtime: { install: 'none' } };
      // Hooks of a scenario may name the NIC to the firewall.
      const done = await setUp(this.copy, { ...asked, safety: { confirm: 'never', ...asked.safety } });
      if (done.exitCode !== 0) {
        const { error, verification } = done.document;
        return { ...this.differences, 'set-up': [JSON.stringify(error ?? verification ?? done.document)] };
      }
      const live = await asBridge();
      const keeps = (answers.address?.method ?? 'keep') === 'keep';
      this.#isMoved = !keeps;
      if (keeps) this.#compare('set-up', before, live);

      if (manager.restart !== undefined) {
        await this.#restart('restart with the bridge');
        this.#compare('restart with the bridge', keeps ? before : live, await asBridge());
      }
      await manager.down(uplink);
      await this.#up('boot with the bridge', manager.boot);
      this.#compare('boot with the bridge', keeps ? booted : live, await asBridge());

      const back = await this.copy.bridgeSetup(['rollback', '--json']);
      if (back.exitCode !== 0) this.differences.rollback = [`exit ${back.exitCode}`, back.stdout];
      else this.#compare('rollback', before, await asNic());
      for (const [path, content] of Object.entries(files)) {
        if ((await this.copy.sandbox.read(path)) !== content) this.differences[path] = ['is not as it was'];
      }
      if (manager.restart !== undefined) {
        await this.#restart('restart after the rollback');
        this.#compare('restart after the rollback', before, await asNic());
      }
      await manager.down(uplink);
      await this.#up('boot after the rollback', manager.boot);
      this.#compare('boot after the rollback', booted, await asNic());
      return this.differences;
    } finally {
      await manager.end(uplink, bridge);
      // Else the next story would roll this one back as well.
      await this.copy.sandbox.run(['rm', '--recursive', '--force', '/var/lib/bridge-setup/checkpoints']);
    }
  }

  #compare(phase: string, expected: readonly string[], found: readonly string[]): void {
    // An address that was static has to be so again.
    const renewsLater = phase.includes('with the bridge') || expected.some((line) => NOT_RENEWED.test(line));
    const shown = (lines: readonly string[]) =>
      lines.map((line) => {
        if (!this.#isMoved) return line;
        const same = line.replace(BY_WHOM, '');
        return renewsLater ? same.replace(NOT_RENEWED, '') : same;
      });
    const lines = differing(shown(expected), shown(found)).filter(
      (line) =>
        !OF_A_PORT.test(line) &&
        !OF_THE_BRIDGE.test(line) &&
        !(phase.includes('with the bridge') && this.#announced?.test(line)) &&
        !(this.manager.ignores?.(line, phase) ?? false),
    );
    if (lines.length > 0) this.differences[phase] = lines;
  }

  async #files(): Promise<Record<string, string>> {
    const { files } = await recordedFacts(this.name);
    const own = Object.entries(files).filter(([path]) => this.manager.isOwn(path));
    return Object.fromEntries(own.map(([path, { content }]) => [path, content]));
  }

  async #restart(phase: string): Promise<void> {
    const { restart } = this.manager;
    if (restart !== undefined) await this.#up(phase, restart);
  }

  async #up(phase: string, up: () => Promise<readonly string[]>): Promise<void> {
    const said = await up();
    // Addresses of IPv6 are there once the kernel has asked for duplicates.
    const atRest =
      'for i in $(seq 50); do ip -6 address show tentative | grep -q . || break; sleep 0.1; done';
    await this.copy.sandbox.run(['sh', '-c', atRest], { check: false });
    // What fails at the first boot fails at each: a file of another link is not for it to read.
    const fails = said.length > 0;
    this.#fails ??= fails;
    if (fails !== this.#fails) this.differences[`${phase}: what the manager said`] = [...said];
  }
}
