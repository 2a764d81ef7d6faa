import type { DhcpClientName } from './facts.js';

/**
 * One interface that a container is to have on a bridge, free of where the wish came from
 * (a rule in the container's environment, the `pipework` command, later a network driver).
 */
export interface Endpoint {
  readonly bridge: string;
  /** Name of the interface inside the container. */
  readonly interfaceName: string;
  /** Name of the host's side; `null`: derived from the container. */
  readonly hostInterfaceName: string | null;
  /** `null`: derived from names and `machine`, so that reservations survive re-creation. */
  readonly mac: string | null;
  /** Identity of the host, for that; absent: from bridge, container and interface alone. */
  readonly machine?: string;
  readonly address: EndpointAddress;
  /** What it takes of IPv6 beside an address of its rule: `slaac`: of routers; absent: nothing. */
  readonly ipv6?: 'slaac';
  /** VLAN of a VLAN-aware bridge; absent: the one that the bridge gives to new ports. */
  readonly vlan?: number;
}

export type EndpointAddress =
  /** Interface without an address (`0/0`). */
  | { readonly method: 'none' }
  | {
      readonly method: 'static';
      readonly family: 4 | 6;
      /** With prefix length: `192.168.1.70/24`. */
      readonly address: string;
      /** New default route of the container; `null`: leave its routes alone. */
      readonly gateway: string | null;
    }
  | { readonly method: 'dhcp'; readonly client: DhcpClientName };
