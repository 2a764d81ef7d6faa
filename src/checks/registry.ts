import { type CheckGroup, GROUP_TITLES } from '../model/examination.js';
import { acceptRule } from './accept-rule.js';
import { bridgeAddress } from './bridge-address.js';
import { bridgeDown } from './bridge-down.js';
import { bridgeMac } from './bridge-mac.js';
import { bridgeManagers } from './bridge-managers.js';
import { bridgeMissing } from './bridge-missing.js';
import { bridgeName } from './bridge-name.js';
import { bridgePort } from './bridge-port.js';
import { bridgeTimers } from './bridge-timers.js';
import { cloudInit } from './cloud-init.js';
import { containerLease } from './container-lease.js';
import { containerMacs } from './container-macs.js';
import { containerNetmask } from './container-netmask.js';
import { containerReach } from './container-reach.js';
import { containerRules } from './container-rules.js';
import { containerState } from './container-state.js';
import { defaultRoutes } from './default-routes.js';
import { dhcpClient } from './dhcp-client.js';
import { dhcpClients } from './dhcp-clients.js';
import { dhcpLease } from './dhcp-lease.js';
import { dhcpNoClient } from './dhcp-no-client.js';
import { dhcpServers } from './dhcp-servers.js';
import { diskFull } from './disk-full.js';
import { dns } from './dns.js';
import { dockerForwarding } from './docker-forwarding.js';
import { dockerPresent } from './docker-present.js';
import { dockerRestarted } from './docker-restarted.js';
import { dockerRootless } from './docker-rootless.js';
import { dockerVersion } from './docker-version.js';
import type { DoctorCheck } from './doctor-check.js';
import { duplicateAddress } from './duplicate-address.js';
import { filesDiffer } from './files-differ.js';
import { filesUnread } from './files-unread.js';
import { firewallNamesPort } from './firewall-names-port.js';
import { firewallNamesUplink } from './firewall-names-uplink.js';
import { foreignMac } from './foreign-mac.js';
import { initSystem } from './init-system.js';
import { ipv6Ra } from './ipv6-ra.js';
import { kernelModules } from './kernel-modules.js';
import { linksOnUplink } from './links-on-uplink.js';
import { mtu } from './mtu.js';
import { networkMovable } from './network-movable.js';
import { networkRoot } from './network-root.js';
import { noSystemd } from './no-systemd.js';
import { nodeVersion } from './node-version.js';
import { partlySeen } from './partly-seen.js';
import { pendingChange } from './pending-change.js';
import { planRefused } from './plan-refused.js';
import { portAddress } from './port-address.js';
import { remoteSession } from './remote-session.js';
import { rpFilter } from './rp-filter.js';
import { runtimeConfig } from './runtime-config.js';
import { runtimeOutdated } from './runtime-outdated.js';
import { runtimeRunning } from './runtime-running.js';
import { scriptsNameUplink } from './scripts-name-uplink.js';
import { secondMac } from './second-mac.js';
import { snooping } from './snooping.js';
import { supplicant } from './supplicant.js';
import { survivesReboot } from './survives-reboot.js';
import { twoManagers } from './two-managers.js';
import { uplink } from './uplink.js';
import { wayOut } from './way-out.js';

const CHECKS: readonly DoctorCheck[] = [
  partlySeen,
  pendingChange,
  uplink,
  linksOnUplink,
  filesUnread,
  scriptsNameUplink,
  supplicant,
  bridgeName,
  twoManagers,
  bridgeManagers,
  cloudInit,
  survivesReboot,
  networkRoot,
  diskFull,
  kernelModules,
  initSystem,
  noSystemd,
  planRefused,
  remoteSession,
  bridgeMissing,
  bridgeDown,
  bridgePort,
  bridgeAddress,
  bridgeMac,
  bridgeTimers,
  mtu,
  filesDiffer,
  wayOut,
  defaultRoutes,
  networkMovable,
  portAddress,
  rpFilter,
  ipv6Ra,
  dhcpClients,
  dhcpNoClient,
  dhcpLease,
  dhcpClient,
  dockerPresent,
  dockerForwarding,
  dockerVersion,
  dockerRootless,
  dockerRestarted,
  acceptRule,
  firewallNamesUplink,
  firewallNamesPort,
  runtimeRunning,
  runtimeConfig,
  runtimeOutdated,
  nodeVersion,
  containerState,
  containerLease,
  containerRules,
  containerReach,
  containerMacs,
  containerNetmask,
  dns,
  foreignMac,
  secondMac,
  duplicateAddress,
  dhcpServers,
  snooping,
];

const GROUPS = Object.keys(GROUP_TITLES) as CheckGroup[];

/** Every check of doctor's, by group. */
export const doctorChecks: readonly DoctorCheck[] = CHECKS.toSorted(
  (a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group),
);
