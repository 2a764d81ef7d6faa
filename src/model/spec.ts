/** The bridge that is wanted, with every "auto" and "keep" of the answers settled against the facts. */
export interface BridgeSpec {
  readonly bridge: {
    readonly name: string;
    readonly mac: string;
    readonly stp: boolean;
    /** Seconds. */
    readonly forwardDelay: number;
  };
  readonly uplink: string;
  readonly address: AddressSpec;
  /** Rules of the firewall that the network files have are rewritten for the bridge, too. */
  readonly followsFirewall?: boolean;
}

export type AddressSpec =
  /** What the uplink's configuration says now moves to the bridge as it is. */
  | { readonly method: 'keep' }
  | { readonly method: 'dhcp' }
  | {
      readonly method: 'static';
      /** With prefix length: `192.168.1.10/24`. */
      readonly address: string;
      readonly gateway: string;
      /** `null`: leave the name servers that stand in the file. */
      readonly nameservers: readonly string[] | null;
    };
