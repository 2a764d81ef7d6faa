/**
 * Settings of addresses, routes and name servers: sysconfig.txt of initscripts, and nm-settings-ifcfg-rh(5). They
 * are the bridge's from now on; in a file with `BRIDGE=` they are ignored without a word. All others are about the NIC.
 */
const NETWORK_SETTINGS: readonly RegExp[] = [
  /^(IPADDR|PREFIX|NETMASK|BROADCAST|NETWORK|GATEWAY|ARPCHECK|ARPUPDATE|DNS|MS_DNS)\d*$/,
  /^(BOOTPROTO|DEFROUTE|METRIC|WINDOW|SRCADDR|SCOPE|ARP|EXTRA_ROUTE_OPTS|GATEWAYDEV)$/,
  /^(PEERDNS|PEERROUTES|PEERNTP|PEERNIS|DOMAIN|RES_OPTIONS|RESOLV_MODS)$/,
  /^(NOZEROCONF|NOROUTESET|NO_ALIASROUTING|ROUTING_RULE6?_\d+)$/,
  /^(IPV4|IPV6|DHCP|DHCLIENT)/,
  /^(PERSISTENT_DHCLIENT|NO_DHCP_HOSTNAME|PROXY_METHOD|PAC_URL|PAC_SCRIPT|BROWSER_ONLY)$/,
  /^(ZONE|LLMNR|MDNS|CONNECTION_METERED)$/,
];

/** Settings that bridge and port have both. */
export const SHARED_SETTINGS = ['NM_CONTROLLED', 'USERCTL', 'MTU'] as const;

/** Settings whose value is the name of a link, or ends in one (`fe80::1%eth0`). */
export const LINK_SETTINGS: readonly string[] = ['GATEWAYDEV', 'IPV6_DEFAULTDEV', 'IPV6_DEFAULTGW'];

/** Whether a setting goes with the addresses. */
export function isNetworkSetting(name: string): boolean {
  return NETWORK_SETTINGS.some((pattern) => pattern.test(name));
}

/** `is_false` of /etc/init.d/functions. */
export function isFalse(value: string): boolean {
  return /^(f|n|no|off|false|0)$/i.test(value);
}

/** `is_true` of /etc/init.d/functions. */
export function isTrue(value: string): boolean {
  return /^(t|y|yes|true|on|1)$/i.test(value);
}
