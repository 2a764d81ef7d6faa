import type { LiveAction, StartDhcpClient, StopDhcpClient } from '../model/live.js';

/** A stage of the live change that has an inverse; the others are inverses themselves. */
export type LiveStage = Exclude<
  LiveAction,
  { kind: 'remove-bridge' | 'remove-port' | 'restore-addresses' | 'configure-name-servers' | 'end-lease' }
>;

/** The stage that takes a stage back. In reverse order they are the live change the other way round. */
export function inverseOfLive(stage: LiveStage): LiveAction {
  switch (stage.kind) {
    case 'create-bridge':
      return { kind: 'remove-bridge', bridge: stage.bridge };
    case 'copy-addresses':
      return { kind: 'drop-addresses', link: stage.to, heldBy: stage.from };
    case 'drop-addresses':
      return { kind: 'copy-addresses', from: stage.heldBy, to: stage.link };
    case 'add-port':
      return { kind: 'remove-port', bridge: stage.bridge, port: stage.port };
    case 'move-routes':
      return { kind: 'move-routes', from: stage.to, to: stage.from };
    case 'source-check':
      return { ...stage, mode: stage.mode === 'loose' ? 'as-port' : 'loose' };
    case 'retire-addresses':
      return { ...stage, kind: 'restore-addresses' };
    case 'stop-dhcp-client': {
      const { heir, heirArgv } = stage;
      return { ...clientOf(stage), kind: 'start-dhcp-client', leaseOf: heir, leaseArgv: heirArgv };
    }
    case 'start-dhcp-client': {
      const { leaseOf, leaseArgv } = stage;
      return { ...clientOf(stage), kind: 'stop-dhcp-client', heir: leaseOf, heirArgv: leaseArgv };
    }
    case 'mark-interfaces':
      return { kind: 'mark-interfaces', up: stage.down, down: stage.up, kept: stage.kept };
  }
}

/** The client of a stage, and how it is started. */
function clientOf({ client, link, argv, env, dns }: StartDhcpClient | StopDhcpClient) {
  return {
    ...{ client, link, argv },
    ...(env === undefined ? {} : { env }),
    ...(dns === undefined ? {} : { dns }),
  };
}
