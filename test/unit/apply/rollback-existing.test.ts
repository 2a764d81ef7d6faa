import { expect, it } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.js';
import { rollBack } from '../../../src/apply/rollback.js';
import { door, network, planOf } from '../support/applied.js';
import { link } from '../support/facts.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

const SETTING = 'ipv4/conf/eth0/rp_filter';
const bridged = () =>
  network({
    links: [link({ master: 'br0', addresses: [] }), link({ name: 'br0', kind: 'bridge', physical: false })],
  });

/** A set-up, then an administrator who sets a setting of the NIC, then a rollback; what the setting is then. */
async function afterRollback(existing: boolean) {
  const host = new RootedHost(await temporaryFolder());
  await host.files.mkdir('/proc/sys/net/ipv4/conf/eth0');
  await host.files.write(`/proc/sys/net/${SETTING}`, '1\n');
  const plan = planOf({
    ...{ id: 'bridge', title: 'See', kind: 'expect-bridge' as const },
    ...{ bridge: 'br0', port: 'eth0' },
  });
  const through = {
    ...door(host, bridged),
    readDetails: async () => ({ routes: [], rules: [], settings: { [SETTING]: '1' } }),
  };
  const applied = await applyPlan(existing ? { ...plan, existing } : plan, through);
  await host.files.write(`/proc/sys/net/${SETTING}`, '2\n');
  const ran: string[] = [];
  host.script = (argv) => {
    ran.push(argv.join(' '));
    return undefined;
  };
  await rollBack(through);
  return { state: applied.state, log: through.log, ran };
}

it('a rollback takes containers off a bridge of somebody else’s, and sets nothing of its network', async () => {
  const { state, log, ran } = await afterRollback(true);
  expect(state).toBe('applied');
  expect(log).toContain('endpoints br0');
  expect(ran.filter((line) => line.startsWith('tee '))).toEqual([]);
});

it('one of a set-up that changed the network does', async () => {
  const { ran } = await afterRollback(false);
  expect(ran).toContain(`tee /proc/sys/net/${SETTING}`);
});
