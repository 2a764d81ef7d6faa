import { linkNamed } from '../model/links.js';
import { commandStep } from '../model/steps.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** The bridge leads to the LAN. */
export const bridgePort: DoctorCheck = {
  id: 'bridge-port',
  title: 'A NIC is the port of the bridge, with a carrier',
  group: 'bridge',
  on: 'set-up',
  looksAt: 'The ports of the bridge that lead to the LAN: that there is one, that it is up, and its cable.',
  cause: 'Somebody took the NIC out, it has another name since an upgrade, or its cable is out.',
  run(context) {
    const { facts, doctor } = context;
    const bridge = linkNamed(facts, doctor.bridge);
    if (bridge?.kind !== 'bridge') return [];
    const told = toldByFiles(context, 'bridge-port');
    if (told.length > 0) return told;
    const port = doctor.port === null ? null : linkNamed(facts, doctor.port);
    if (port === null) {
      return [
        error(
          'bridge-without-port',
          `No NIC is a port of ${bridge.name}, so it does not lead to the LAN.`,
          `Plug it in: \`ip link set dev ${context.uplink} master ${bridge.name}\`.`,
        ),
      ];
    }
    if (!port.up) {
      return [
        error(
          'port-down',
          `${port.name}, the port of ${bridge.name}, is down.`,
          `Run \`ip link set dev ${port.name} up\`.`,
        ),
      ];
    }
    return port.carrier
      ? []
      : [
          error(
            'port-without-carrier',
            `${port.name}, the port of ${bridge.name}, has no carrier.`,
            'Look at its cable, and at the port of the switch: BPDU guard may have shut it.',
          ),
        ];
  },
  fix: {
    does: 'The uplink becomes a port again, unless it has an address by which somebody may be connected; a port that is down is set up.',
    steps({ check }, { facts, doctor, uplink }) {
      const link = linkNamed(facts, check === 'port-down' ? (doctor.port ?? uplink) : uplink);
      const bridge = linkNamed(facts, doctor.bridge);
      if (link === null || bridge?.kind !== 'bridge') return [];
      const { name } = link;
      const set = (id: string, title: string, words: readonly string[], back: readonly string[]) =>
        commandStep(
          id,
          title,
          ['ip', 'link', 'set', 'dev', name, ...words],
          [...['ip', 'link', 'set', 'dev', name], ...back],
        );
      const up = link.up ? [] : [set('port-up', `Set ${name} up`, ['up'], ['down'])];
      if (check === 'port-down') return up;
      const isFree = link.master === null && link.addresses.every(({ scope }) => scope !== 'global');
      return isFree && (check === 'port-not-in-bridge' || check === 'bridge-without-port')
        ? [
            set('port-join', `Make ${name} a port of ${bridge.name}`, ['master', bridge.name], ['nomaster']),
            ...up,
          ]
        : [];
    },
  },
};
