/** Docker's engine. */
export interface DockerFacts {
  readonly installed: boolean;
  readonly reachable: boolean;
  readonly version: string | null;
  /** Why the engine does not answer. */
  readonly error: string | null;
  /** This user may not open its socket, so nothing is known of it; absent otherwise. */
  readonly denied?: true;
  /** Whether apt has the command `docker` in a package of its own; absent where that was not asked. */
  readonly cliPackage?: boolean;
  /** Its networks of the driver `bridge`; absent where they were not asked for. */
  readonly networks?: readonly DockerNetwork[];
  /** Absent where it switches IP forwarding on by itself. */
  readonly forwarding?: DockerForwarding;
}

/** A network of Docker's, and the bridge of the host that it is on. */
export interface DockerNetwork {
  readonly name: string;
  readonly bridge: string;
}

/** IP forwarding of a host whose Docker needs it to start (net.ipv4.ip_forward). */
export interface DockerForwarding {
  readonly now: boolean;
  /** Switched on at each boot, too. */
  readonly lasting: boolean;
}
