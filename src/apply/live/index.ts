import type { LiveAction } from '../../model/live.js';
import type { Step } from '../../model/plan.js';
import type { ApplyContext } from '../context.js';
import { copyAddresses, dropAddresses, restoreAddresses, retireAddresses } from './addresses.js';
import { addPort, createBridge, removeBridge, removePort, sourceCheck } from './bridge.js';
import { startDhcpClient, stopDhcpClient } from './dhcp.js';
import { markInterfaces } from './ifstate.js';
import { endLease } from './lease.js';
import { applyConfiguredDns } from './name-servers.js';
import { moveRoutes } from './routes.js';

/** A stage of the live change, or of its way back. */
export type LiveStep = Step & LiveAction;

/** Carry out one stage, and verify it. Throws when it does not come to pass. */
export function carryOutLive(step: LiveStep, context: ApplyContext): Promise<void> {
  const { host } = context;
  switch (step.kind) {
    case 'create-bridge':
      return createBridge(step, host);
    case 'remove-bridge':
      return removeBridge(step, host);
    case 'copy-addresses':
      return copyAddresses(step, host);
    case 'drop-addresses':
      return dropAddresses(step, host);
    case 'add-port':
      return addPort(step, host);
    case 'remove-port':
      return removePort(step, host);
    case 'move-routes':
      return moveRoutes(step, host);
    case 'source-check':
      return sourceCheck(step, host);
    case 'retire-addresses':
      return retireAddresses(step, host);
    case 'configure-name-servers':
      return applyConfiguredDns(step.dns, host);
    case 'restore-addresses':
      return restoreAddresses(step, host);
    case 'end-lease':
      return endLease(step, host);
    case 'stop-dhcp-client':
      return stopDhcpClient(step, context);
    case 'start-dhcp-client':
      return startDhcpClient(step, context);
    case 'mark-interfaces':
      return markInterfaces(step, host);
  }
}
