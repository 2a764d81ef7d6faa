import { portView } from '../model/topology/ports.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, warning } from './found.js';

/** What the runtime has attached works. */
export const containerState: DoctorCheck = {
  id: 'container-state',
  title: 'Containers with a rule have their address',
  group: 'containers',
  needs: 'root',
  on: 'set-up',
  looksAt:
    "The runtime's records: endpoints that failed or wait, their links, their DHCP clients and leases.",
  cause: 'The reason stands in the finding, as the runtime or the DHCP client has written it down.',
  run({ facts, doctor: { topology, rules } }) {
    const refused = new Set(rules.filter(({ problem }) => problem !== null).map(keyOf));
    return topology.endpoints.flatMap((endpoint) => {
      const { containerName, interfaceName, hostInterfaceName, bridge, state } = endpoint;
      if (state === 'stopped' || refused.has(keyOf(endpoint))) return [];
      const what = `${containerName}, ${interfaceName} on ${bridge}`;
      const link = facts.links.find(({ name }) => name === hostInterfaceName);
      const isBridged = facts.links.some(({ name, kind }) => name === bridge && kind === 'bridge');
      const wrong = !isBridged
        ? null
        : link === undefined
          ? `its port ${hostInterfaceName} is gone`
          : link.master !== bridge
            ? `its port ${hostInterfaceName} is not on ${bridge}`
            : link.up
              ? null
              : `its port ${hostInterfaceName} is down`;
      const marked = portView(topology, endpoint, state === 'attached' ? wrong : null).trouble;
      // `status` gives it half a minute; whoever asks what is wrong is told at once, and a repair waits for it.
      const trouble = marked ?? (state === 'waiting-for-lease' ? 'its DHCP client asks for one' : null);
      if (trouble === null) return [];
      return state === 'attached'
        ? [
            warning(
              'container-trouble',
              `${what}: ${trouble}.`,
              'The attach runtime mends it, where it runs.',
            ),
          ]
        : [
            error(
              'container-without-address',
              `${what}: no address, ${trouble}.`,
              'Correct what stands there; the runtime tries again by itself.',
            ),
          ];
    });
  },
};

const keyOf = ({ containerId, interfaceName }: { containerId: string; interfaceName: string | null }) =>
  `${containerId} ${interfaceName ?? ''}`;
