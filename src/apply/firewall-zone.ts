import { enterZone, leaveZone, type ZoneScope } from '../firewall/zone.js';
import type { Host } from '../host/host.js';
import type { FirewallZone, RestoreFirewallZone } from '../model/firewall-steps.js';

const scopes = ({ lasting }: Pick<FirewallZone, 'lasting'>): ZoneScope[] =>
  lasting ? ['runtime', 'permanent'] : ['runtime'];

/** See `FirewallZone`. */
export async function bindZone(step: FirewallZone, host: Host): Promise<void> {
  await enterZone(host, step, scopes(step));
}

/** See `RestoreFirewallZone`. */
export async function restoreZone(step: RestoreFirewallZone, host: Host): Promise<void> {
  const { link, before } = step;
  if (before === null) await leaveZone(host, step, scopes(step));
  else await enterZone(host, { link, zone: before }, scopes(step));
}
