import { managerOf } from '../model/existing-bridge.js';
import type { HostFacts } from '../model/facts.js';

/** A setting of a bridge: the words of ip-link(8), and those of each manager's configuration. */
interface Setting {
  readonly ip: string;
  readonly netplan: string;
  readonly networkd: string;
  readonly nmcli: string;
  readonly ifupdown: string;
  readonly ifcfg: string;
}

const NO_STP: Setting = {
  ip: 'type bridge stp_state 0',
  netplan: '`parameters: {stp: false, forward-delay: 0}`',
  networkd: '`STP=no` and `ForwardDelaySec=0` in the section [Bridge] of its .netdev file',
  nmcli: 'bridge.stp no',
  ifupdown: '`bridge_stp off` and `bridge_fd 0` in its stanza',
  ifcfg: '`STP=no` and `DELAY=0` in its file',
};

const macSetting = (mac: string): Setting => ({
  ip: `address ${mac}`,
  netplan: `\`macaddress: ${mac}\``,
  networkd: `\`MACAddress=${mac}\` in the section [NetDev] of its .netdev file`,
  nmcli: `802-3-ethernet.cloned-mac-address ${mac}`,
  ifupdown: `\`bridge_hw ${mac}\` in its stanza`,
  ifcfg: `\`MACADDR=${mac}\` in its file`,
});

/** How the settings of a bridge are changed where it is configured, for the time after the next boot. */
function forGood(facts: HostFacts, bridge: string, setting: Setting): string {
  switch (managerOf(facts, bridge)) {
    case 'netplan':
      return `${setting.netplan} for it in /etc/netplan`;
    case 'systemd-networkd':
      return setting.networkd;
    case 'NetworkManager':
      return `\`nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show ${bridge})" ${setting.nmcli}\``;
    case 'ifupdown':
      return setting.ifupdown;
    case 'ifcfg':
      return setting.ifcfg;
    default:
      return 'the same where it is configured';
  }
}

/** What switches the spanning tree of a bridge off, now and for good, as one sentence. */
export const stpRemedy = (facts: HostFacts, bridge: string): string =>
  `Unless loops are possible: \`ip link set dev ${bridge} ${NO_STP.ip}\`; for good: ${forGood(facts, bridge, NO_STP)}.`;

/** What gives a bridge its MAC address for good, as one sentence. */
export function macRemedy(facts: HostFacts, bridge: string, mac: string): string {
  const setting = macSetting(mac);
  return `Set it: \`ip link set dev ${bridge} ${setting.ip}\`; for good: ${forGood(facts, bridge, setting)}.`;
}
