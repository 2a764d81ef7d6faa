import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { DHCP_HOST, STATIC_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { ANSWERS, setUp } from './set-up.js';
import { tellStory } from './story.js';
import { note } from './timing.js';
import { addressOf, link, type View, view } from './view.js';

/** On each of the two hosts. */
const MOMENTS = 10;
const MARK = '/run/power-cut';
const REACHABLE_MS = 20_000;

/** Files of the host, by their digests; what systemd, dhclient and Docker write by themselves is not among them. */
const DIGESTS = `cd /etc && find . -type f ! -name resolv.conf ! -name machine-id ! -name '.updated' \
-exec sha256sum {} + | sort -k 2; find . -type l | sort; ls /usr/local/bin /usr/local/lib`;

describe.each([DHCP_HOST, STATIC_HOST])('the power is cut while $title is set up', ({ title, files }) => {
  let machine: Machine;
  let before: View;
  let digests: string;
  let address: string;
  let health: string;
  let writes: number;

  beforeAll(async () => {
    note(title);
    machine = await Machine.make({ host: localHost(), files });
    await machine.boot({ project: true });
    // Packages stay after a rollback, so from here on there is nothing to install.
    await setUp(machine);
    expect((await machine.bridgeSetup(['rollback'])).exitCode).toBe(0);
    const journals = await machine.shell('cat /var/lib/bridge-setup/checkpoints/*/journal.jsonl');
    const steps = journals.match(/"state":"intent"/g)?.length ?? 0;
    const packages = journals.match(/"kind":"install-packages"/g)?.length ?? 0;
    // An intent and a line after it for each step, then the end.
    writes = 2 * (steps - packages) + 1;
    await machine.reboot({ project: true });
    before = await view(machine);
    digests = await machine.shell(DIGESTS);
    address = addressOf(before, 'eth0');
    health = await failedUnits();
  });
  afterAll(() => machine?.stop());
  tellStory();

  const failedUnits = () => machine.shell('systemctl list-units --failed --plain --no-legend || true');

  /** From the first write to the last but one: after the last one the change stays. */
  const moments = Array.from({ length: MOMENTS }, (_, index) => Math.round((100 * index) / (MOMENTS - 1)));
  test.each(moments)('at %i percent of its way, and it comes back as it was', async (percent) => {
    const at = 1 + Math.round((percent / 100) * (writes - 1));
    await cutPowerAt(at);
    await machine.boot({ project: true });
    expect(await reachable(), `write ${at} of ${writes}`).toBe(true);
    expect(await view(machine)).toEqual(before);
    expect(await machine.shell(DIGESTS)).toBe(digests);
    expect(await failedUnits()).toBe(health);
    const journal = await machine.shell(
      'cat "$(ls -d /var/lib/bridge-setup/checkpoints/* | tail -n 1)/journal.jsonl" || true',
    );
    note(`           power cut at write ${at} of ${writes}: ${lastState(journal)}`);
    // Before the first intent nothing has happened that would have to be taken back.
    expect(lastState(journal)).toBe(at === 1 ? undefined : 'rolled-back');
  });

  test('after its end, and it stays', async () => {
    await setUp(machine);
    await machine.cutPower();
    await machine.boot({ project: true });
    expect(await reachable()).toBe(true);
    expect(addressOf(await view(machine), 'br0')).toBe(address);
    expect(link(await view(machine), 'eth0').addresses).toEqual([]);
  });

  test('in the middle of a rollback, and it is taken back to its end', async () => {
    const run = machine.bridgeSetup(['rollback'], { env: fault(writes / 2) });
    await untilStalled(run);
    await machine.cutPower();
    await machine.boot({ project: true });
    expect(await reachable()).toBe(true);
    expect(await view(machine)).toEqual(before);
    expect(await machine.shell(DIGESTS)).toBe(digests);
  });

  const fault = (at: number) => ({
    NODE_OPTIONS: '--import=/opt/bridge-setup/test/faults.mjs',
    FAULT: JSON.stringify({ kind: 'stall', at: Math.round(at), mark: MARK }),
  });

  async function cutPowerAt(at: number): Promise<void> {
    const run = machine.bridgeSetup(['--answers', '-', '--json'], {
      input: JSON.stringify(ANSWERS),
      env: fault(at),
    });
    await untilStalled(run);
    await machine.cutPower();
  }

  async function untilStalled(run: Promise<{ stdout: string; stderr: string }>): Promise<void> {
    let ended = '';
    void run.then(({ stdout, stderr }) => {
      ended = `${stdout}${stderr}`;
    });
    const deadline = Date.now() + 120_000;
    while ((await machine.read(MARK)) === null) {
      if (ended !== '' || Date.now() > deadline) throw new Error(`it did not come to its write: ${ended}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function reachable(): Promise<boolean> {
    const deadline = Date.now() + REACHABLE_MS;
    while (Date.now() < deadline) if ((await machine.lan.ping(address, 1)) > 0) return true;
    return false;
  }

  const lastState = (journal: string) =>
    /"state":"([a-z-]+)"/.exec(journal.trim().split('\n').at(-1) ?? '')?.[1];
});
