import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { startHost } from './support.js';

/**
 * A NetworkManager with the plugin ifcfg-rh, as `DESTDIR=folder ninja install` leaves it; Debian builds it without. Not
 * below /tmp, which the copy has for itself.
 */
export const NETWORKMANAGER = process.env.NETWORKMANAGER;
export const SCRIPTS = '/etc/sysconfig/network-scripts';
const LOG = '/var/log/NetworkManager.log';

/** What it is linked with, and its bus. */
const PACKAGES = [
  ...['dbus', 'isc-dhcp-client', 'libdbus-1-3', 'libglib2.0-0', 'libgnutls30', 'libndp0', 'libreadline8'],
  ...['libudev1', 'libuuid1'],
];

/** Found wherever `make install` has put it. */
const INSTALL = `set -e
ifdown --force eth0
rm -f /etc/network/interfaces
cp -a "$1"/. /
mkdir -p ${SCRIPTS} /run/dbus /var/lib/NetworkManager
dirname "$(find "$1" -name libnm.so.0)" | sed "s|^$1||" > /etc/ld.so.conf.d/NetworkManager.conf
ldconfig
for each in nmcli NetworkManager; do
  ln -sf "$(find "$1" -type f -name $each -path '*bin/*' | sed "s|^$1||")" /usr/local/sbin/$each
done
dbus-daemon --system --fork --nopidfile
`;

/**
 * Its unit. With a /sys that is only to be read it does not wait for udev, whose daemon no namespace has
 * (nm-linux-platform.c).
 */
const SYSTEMCTL = `#!/bin/bash
[[ $2 == NetworkManager ]] || exec /usr/bin/systemctl "$@"
# A test may want it to fail once, or its caller to be lost.
if [[ -e /run/fails-$1 ]]; then rm /run/fails-$1; exit 1; fi
case $1 in
  start) pgrep -x NetworkManager > /dev/null ||
    setsid unshare --mount sh -c 'mount -o remount,bind,ro /sys; exec NetworkManager' >> ${LOG} 2>&1
    for ((i = 0; i < 100; i++)); do nmcli -t general > /dev/null 2>&1 && exit 0; sleep 0.1; done
    exit 1 ;;
  stop) pkill -x NetworkManager
    while pgrep -x NetworkManager > /dev/null; do sleep 0.05; done
    if [[ -e /run/lost ]]; then rm /run/lost; pkill -KILL -f 'bridge-setup.js --answers'; fi ;;
esac
`;

/** A host whose NIC NetworkManager configures by ifcfg files, once it is started. */
export async function startManagedHost(
  change: (model: HostCopy) => HostCopy = (model) => model,
): Promise<RunningCopy> {
  const copy = await startHost(change, PACKAGES);
  await copy.sandbox.run(['bash', '-c', INSTALL, 'install', NETWORKMANAGER ?? '']);
  await copy.sandbox.write('/usr/local/sbin/systemctl', SYSTEMCTL, 0o755);
  return copy;
}

/** A boot: nothing of the network of before, nor of what NetworkManager knew of it. */
const BOOT = `systemctl stop NetworkManager
pkill -x dhclient
ip link delete br0 2> /dev/null
ip address flush dev eth0
ip route flush dev eth0
ip link set dev eth0 down
rm -rf /run/NetworkManager
systemctl start NetworkManager
for ((i = 0; i < 100; i++)); do
  [[ $(nmcli -t -f STATE general) == connected ]] && exit 0
  sleep 0.1
done
exit 1
`;

/** Boot, by the files that are there. */
export const boot = (copy: RunningCopy) =>
  copy.sandbox.run(['bash', '-c', BOOT], { check: false, timeoutMs: 60_000 });

/** Boot by these files, by name, and this client, as `dhcp=` has it. */
export async function bootBy(
  copy: RunningCopy,
  files: Readonly<Record<string, string>>,
  client = 'dhclient',
) {
  await copy.sandbox.run(['sh', '-c', `rm -rf ${SCRIPTS}/* /var/lib/NetworkManager/*`]);
  for (const [name, content] of Object.entries(files))
    await copy.sandbox.write(`${SCRIPTS}/${name}`, content);
  const main = `[main]\nplugins=ifcfg-rh\ndhcp=${client}\nno-auto-default=*\n`;
  await copy.sandbox.write('/etc/NetworkManager/NetworkManager.conf', main);
  return boot(copy);
}

/** What NetworkManager has said. */
export const managersWords = async (copy: RunningCopy) => (await copy.sandbox.read(LOG)) ?? '';
