import { ruleText, unfollowedRules } from '../firewall/affected.js';
import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** Firewalls go by the bridge, not by its port. */
export const firewallNamesPort: DoctorCheck = {
  id: 'firewall-names-port',
  title: 'Firewall and zones go by the bridge',
  group: 'docker',
  needs: 'root',
  on: 'set-up',
  looksAt:
    "Rules of iptables (ufw's, too) and nftables that name the port and have no counterpart for the bridge, and firewalld's zones of bridge and port.",
  cause:
    'Since the NIC is a port, packets of the host come in and go out by the bridge: rules that name the NIC match no more, and a bridge that firewalld does not know is in the default zone.',
  run({ doctor: { firewall, bridge, port }, facts }) {
    if (port === null) return [];
    const zones = facts.netfilter.zones;
    const zoneOf = (link: string) => zones?.[link] ?? firewall.defaultZone ?? 'default';
    const rules = unfollowedRules(facts, port, bridge).map(({ rule }) => ruleText(rule));
    return [
      ...(rules.length === 0
        ? []
        : [
            warning(
              'firewall-names-port',
              `${rules.length === 1 ? 'A rule' : `${rules.length} rules`} of the firewall ${rules.length === 1 ? 'names' : 'name'} ${port}, and not ${bridge}, where the LAN is: "${rules.join('", "')}".`,
              firewall.ufw
                ? `Write it for ${bridge}: \`ufw status numbered\` shows it, \`ufw allow in on ${bridge} …\` makes the new one.`
                : `Write it for ${bridge} instead.`,
            ),
          ]),
      ...(zones === undefined || !Object.hasOwn(zones, port) || zoneOf(port) === zoneOf(bridge)
        ? []
        : [
            warning(
              'firewalld-zone',
              `firewalld has ${bridge} in the zone ${zoneOf(bridge)}, and ${port} in ${zoneOf(port)}: what was open for the host may be closed.`,
              `Run \`firewall-cmd --zone=${zoneOf(port)} --change-interface=${bridge}\`, and again with --permanent.`,
            ),
          ]),
    ];
  },
};
