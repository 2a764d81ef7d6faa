/**
 * Leave word for NetworkManager, while it is stopped, which profile a link goes by: /run/NetworkManager/devices/INDEX, its
 * own format. It removes the file of a link that is gone.
 */
export interface NetworkManagerState {
  readonly kind: 'network-manager-state';
  readonly link: string;
  /** A link whose metric for routes it gets. */
  readonly like: string;
  /** Of the profile. */
  readonly uuid: string;
}

/** Wait until NetworkManager goes by these files. Changes nothing. */
export interface AwaitProfiles {
  readonly kind: 'await-profiles';
  /** Path by link. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}
