import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SetupError } from '../../src/errors.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { outcome, recordedFacts } from '../unit/support/scenario.js';
import { bootedNetwork } from './booted-network.js';
import { startHost } from './support.js';
import { ZONES } from './whole-network.js';

/** A checkout of RHEL 7's network scripts (initscripts, rhel7-branch); they are nobody's to be copied into this project. */
export const INITSCRIPTS = process.env.INITSCRIPTS;
/** RHEL's dhclient-script, from its dhcp package. Debian's, in its absence, knows nothing of ifcfg files. */
export const DHCLIENT_SCRIPT = process.env.DHCLIENT_SCRIPT;
const SCRIPTS = '/etc/sysconfig/network-scripts';
/** The network service, before systemd takes it. */
export const SERVICE = '/etc/init.d/network';

/** The NIC of the scenarios. */
const MAC = '52:54:00:12:34:56';
/** Commands that the scripts call, where Debian has them by these names. */
const PACKAGES = ['bridge-utils', 'gawk', 'iputils-arping'];

/** What of ipcalc(1), as initscripts builds it, the scripts call. */
const IPCALC = `#!/bin/bash
number() { local IFS=.; set -- $1; echo $(( ($1 << 24) + ($2 << 16) + ($3 << 8) + $4 )); }
quad() { echo $(( $1 >> 24 & 255 )).$(( $1 >> 16 & 255 )).$(( $1 >> 8 & 255 )).$(( $1 & 255 )); }
mask() { echo $(( 0xffffffff << (32 - $1) & 0xffffffff )); }
class() { case $(( $(number $1) >> 29 )) in [0-3]) echo 8 ;; [45]) echo 16 ;; *) echo 24 ;; esac; }
length() { local bits=0 m; m=$(number $1); while (( m )); do (( bits += m & 1, m >>= 1 )); done; echo $bits; }

what=
while [[ $1 == -* ]]; do what+=" $1"; shift; done
case $what in
  *-cs6) [[ \${1%/*} == *:* ]]; exit ;;
  *-cs4) [[ \${1%/*} =~ ^[0-9]+(\\.[0-9]+){3}$ ]]; exit ;;
  *--hostname*) exit 1 ;;
esac
address=\${1%/*}
if [[ $1 == */* ]]; then prefix=\${1#*/}; elif [ -n "$2" ]; then prefix=$(length $2); else prefix=$(class $address); fi
case $what in
  *--netmask) echo NETMASK=$(quad $(mask $prefix)) ;;
  *--prefix | *-p) echo PREFIX=$prefix ;;
  *--broadcast) echo BROADCAST=$(quad $(( $(number $address) | ~$(mask $prefix) & 0xffffffff ))) ;;
  *--network | *-n) echo NETWORK=$(quad $(( $(number $address) & $(mask $prefix) ))) ;;
  *) exit 1 ;;
esac
`;

/** RHEL's dhclient takes `-H NAME` and `-F NAME`; Debian's does not. */
const DHCLIENT = `#!/bin/bash
args=()
while (( $# )); do case $1 in -H | -F) shift ;; *) args+=("$1") ;; esac; shift; done
exec -a /sbin/dhclient /usr/lib/dhclient/dhclient "\${args[@]}"
`;

/**
 * Nobody is on the bus but a firewalld, which does not drop anything: which zone a link is put into is noted, one line
 * for each request, and what is in which zone.
 */
const DBUS_SEND = `#!/bin/bash
case "$*" in
  *changeZoneOfInterface*) echo "\${@: -1} \${@: -2:1}" >> /run/zones; verb=change ;;
  *removeInterface*) verb=remove ;;
  *) exit 1 ;;
esac
zone=\${@: -2:1} link=\${@: -1}
zone=\${zone#string:}
exec firewall-cmd --zone=\${zone:-public} --$verb-interface=\${link#string:}
`;

/** firewalld's zones of links; the first one is the default. */
const FIREWALL_CMD = `#!/bin/bash
zone=public
touch ${ZONES}
for word; do
  link=\${word#*=}
  case $word in
    --zone=*) zone=$link ;;
    --change-interface=*) sed -i "/^$link /d" ${ZONES}; echo "$link $zone" >> ${ZONES} ;;
    --remove-interface=*) sed -i "/^$link /d" ${ZONES} ;;
    --get-default-zone) echo public ;;
    --get-active-zones) awk '{ print $2; print "  interfaces: " $1 }' ${ZONES} ;;
    *) exit 2 ;;
  esac
done
`;

/** A veth is `eth0@if4` in that list, where a NIC is `eth0`, and the scripts look for its name there. */
const IP = `#!/bin/bash
[[ $* == '-o link' ]] || exec /usr/bin/ip "$@"
/usr/bin/ip -o link | sed 's/@if[0-9]*:/:/'
`;

const STAND_INS = {
  '/usr/sbin/ip': IP,
  '/usr/bin/ipcalc': IPCALC,
  '/usr/bin/dbus-send': DBUS_SEND,
  '/usr/bin/firewall-cmd': FIREWALL_CMD,
  // It would set what the kernel has once for all namespaces.
  '/usr/lib/systemd/systemd-sysctl': '#!/bin/sh\nexit 0\n',
};

/** From Debian's ways to RHEL's: names of commands, folders that a package or tmpfiles.d would make, no ifupdown. */
const INSTALL = `set -e
ifdown --force eth0
rm -rf /etc/network/interfaces /usr/sbin/ip
ln -sf bash /bin/sh
mkdir -p /usr/lib/dhclient /var/lib/dhclient /run/lock/subsys /run/netreport /etc/rc.d/rc3.d
mv /usr/sbin/dhclient /usr/lib/dhclient/
ln -sf /usr/bin/arping /usr/sbin/arping
ln -sf ../init.d/network /etc/rc.d/rc3.d/S10network
for each in functions network; do ln -sf ../rc.d/init.d/$each /etc/init.d/$each; done
for each in ifup ifdown; do mv -f ${SCRIPTS}/$each /usr/sbin/; ln -s /usr/sbin/$each ${SCRIPTS}/$each; done
`;

const withNic = (model: HostCopy): HostCopy => ({
  ...model,
  cables: [
    { name: 'eth0', mac: MAC, mtu: 1500 },
    { name: 'eth1', mac: '52:54:00:65:43:21', mtu: 1500 },
  ],
  lan: { ...model.lan, reservations: { [MAC]: model.address } },
});

/** A host with RHEL 7's network scripts in the place of ifupdown, its network down. */
export async function startRhelHost(
  change: (model: HostCopy) => HostCopy = (model) => model,
): Promise<RunningCopy> {
  const copy = await startHost((model) => change(withNic(model)), PACKAGES);
  const write = async (folder: string, names: readonly string[], target: string) => {
    for (const name of names)
      await copy.sandbox.write(
        `${target}/${name}`,
        readFileSync(join(INITSCRIPTS ?? '', folder, name), 'utf8'),
        0o755,
      );
  };
  const scripts = 'sysconfig/network-scripts';
  await write(scripts, readdirSync(join(INITSCRIPTS ?? '', scripts)), SCRIPTS);
  await write('rc.d/init.d', ['functions', 'network'], '/etc/rc.d/init.d');
  await copy.sandbox.run(['sh', '-c', INSTALL]);
  for (const [path, text] of Object.entries(STAND_INS)) await copy.sandbox.write(path, text, 0o755);
  await copy.sandbox.write('/usr/sbin/dhclient', DHCLIENT, 0o755);
  if (DHCLIENT_SCRIPT !== undefined)
    await copy.sandbox.write('/usr/sbin/dhclient-script', readFileSync(DHCLIENT_SCRIPT, 'utf8'), 0o755);
  return copy;
}

/** What a boot finds: links without anything, their settings the kernel's; name servers stay in their file. */
export const DOWN = `${SERVICE} stop
sysctl --quiet --write net.ipv4.ip_forward=0
ip link delete br0
for nic in eth0 eth1; do
  ip address flush dev $nic
  ip link set dev $nic down mtu 1500 addrgenmode eui64
  for family in ipv4 ipv6; do
    for setting in /proc/sys/net/$family/conf/$nic/{rp_filter,arp_*,accept_*,autoconf,use_tempaddr,forwarding}; do
      cat /proc/sys/net/$family/conf/default/\${setting##*/} > $setting
    done
  done
done
for family in -4 -6; do
  ip $family rule flush
  ip $family rule add preference 32766 lookup main
done
ip -4 rule add preference 32767 lookup default
rm -f ${ZONES}
`;

/** And nothing is left of the files of before. */
export const CLEAR = `${DOWN}
rm -f ${SCRIPTS}/{ifcfg,route,route6,rule,rule6}-* /etc/sysconfig/static-routes* /etc/dhcp/dhclient*.conf
rm -f /var/lib/dhclient/* /etc/resolv.conf.save /run/zones
echo NETWORKING=yes > /etc/sysconfig/network
`;

export async function writeFiles(copy: RunningCopy, files: Readonly<Record<string, string>>): Promise<void> {
  await copy.sandbox.write('/etc/resolv.conf', 'nameserver 192.0.2.1\n');
  for (const [path, content] of Object.entries(files)) await copy.sandbox.write(path, content);
}

/** Boot the network by these files, by path, and by nothing that was there before. */
export async function bootNetwork(copy: RunningCopy, files: Readonly<Record<string, string>>) {
  await type(copy, CLEAR);
  await writeFiles(copy, files);
  return type(copy, `${SERVICE} start`);
}

/** A line of commands, as an administrator types it. That it ends with 0 means little: many a failure of the scripts does. */
export function type(copy: RunningCopy, line: string) {
  // So long, instead of three seconds, they wait for another host that has the address.
  const env = { ARPING_WAIT: '1' };
  return copy.sandbox.run(['sh', '-c', line], { check: false, timeoutMs: 180_000, env });
}

/** The files of a scenario's network, as they are and as its plan has them. */
export async function filesOf(name: string) {
  const { files } = await recordedFacts(name);
  const before = Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => /^\/etc\/(sysconfig|dhcp)\//.test(path))
      .map(([path, { content }]) => [path, content]),
  );
  const plan = await outcome(name);
  if (plan instanceof SetupError) throw plan;
  const after = { ...before };
  for (const step of plan.steps) {
    if (step.kind === 'write-file' && /^\/etc\/(sysconfig|dhcp)\//.test(step.path))
      after[step.path] = step.content;
    if (step.kind === 'remove-file') delete after[step.path];
  }
  expect(after).not.toEqual(before);
  return { before, after };
}

/** What a boot, or a live change, has made of a link, with the zones that firewalld was asked to put it into. */
export async function networkOf(copy: RunningCopy, link: string) {
  const zones = ((await copy.sandbox.read('/run/zones')) ?? '').split('\n');
  return {
    ...(await bootedNetwork(copy, link)),
    zone: zones.filter((line) => line.startsWith(`string:${link} `)).map((line) => line.split(' ')[1]),
  };
}
