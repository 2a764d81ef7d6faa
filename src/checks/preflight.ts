import { refusal } from '../errors.js';
import type { Finding } from '../model/finding.js';
import { bridgeName } from './bridge-name.js';
import type { Check, CheckContext } from './check.js';
import { cloudInit } from './cloud-init.js';
import { defaultRoutes } from './default-routes.js';
import { dhcpClient } from './dhcp-client.js';
import { diskFull } from './disk-full.js';
import { dockerPresent } from './docker-present.js';
import { existingBridge } from './existing-bridge.js';
import { filesUnread } from './files-unread.js';
import { firewallNamesUplink } from './firewall-names-uplink.js';
import { foreignMac } from './foreign-mac.js';
import { initSystem } from './init-system.js';
import { linksOnUplink } from './links-on-uplink.js';
import { networkMovable } from './network-movable.js';
import { networkRoot } from './network-root.js';
import { remoteSession } from './remote-session.js';
import { root } from './root.js';
import { scriptsNameUplink } from './scripts-name-uplink.js';
import { supplicant } from './supplicant.js';
import { twoManagers } from './two-managers.js';
import { uplink } from './uplink.js';

/** Checks before anything is changed, in the order in which a person reads them. */
export const preflightChecks: readonly Check[] = [
  root,
  uplink,
  linksOnUplink,
  networkMovable,
  filesUnread,
  scriptsNameUplink,
  supplicant,
  bridgeName,
  twoManagers,
  cloudInit,
  defaultRoutes,
  networkRoot,
  diskFull,
  dockerPresent,
  dhcpClient,
  initSystem,
  firewallNamesUplink,
  foreignMac,
  remoteSession,
];

/** Those for a bridge that is there: nothing of the network, or of its configuration, is changed. */
const existingChecks: readonly Check[] = [
  root,
  existingBridge,
  diskFull,
  dockerPresent,
  dhcpClient,
  initSystem,
  foreignMac,
];

/** All findings of all checks. */
export function runPreflight(context: CheckContext): Finding[] {
  const checks = context.answers.bridge.existing ? existingChecks : preflightChecks;
  return checks.flatMap((check) => check.run(context));
}

/** Throws a refusal that names every error among the findings; its code is that of the first. */
export function refuseOnErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  throw refusal(
    first.check,
    errors.length === 1
      ? 'Refused; nothing was changed.'
      : `Refused for ${errors.length} reasons; nothing was changed.`,
    errors.map(({ path, message, remedy }) => ({
      message,
      ...(path === undefined ? {} : { path }),
      ...(remedy === undefined ? {} : { remedy }),
    })),
  );
}
