import { linkNamed } from '../model/links.js';
import { commandStep } from '../model/steps.js';
import type { DoctorCheck } from './doctor-check.js';
import { toldByFiles, warning } from './found.js';

/** Large frames get through from end to end. */
export const mtu: DoctorCheck = {
  id: 'mtu',
  title: 'Bridge and ports have the same MTU',
  group: 'bridge',
  on: 'set-up',
  looksAt: "The MTU of the bridge, its port, and the host's sides of containers, and the files' word on it.",
  cause:
    'A bridge does not cut frames: one that is longer than the MTU of the port it leaves by is dropped without a word, so small packets pass and large ones do not.',
  run(context) {
    const { facts, doctor } = context;
    const told = toldByFiles(context, 'mtu');
    const bridge = linkNamed(facts, doctor.bridge);
    if (told.length > 0 || bridge === null) return told;
    const others = facts.links.filter(({ master, mtu: own }) => master === bridge.name && own !== bridge.mtu);
    return others.map(({ name, mtu: own }) =>
      warning(
        'mtu-mismatch',
        `${bridge.name} has an MTU of ${bridge.mtu}, its port ${name} ${own}.`,
        name === doctor.port
          ? `Give both the MTU of the LAN: \`ip link set dev ${bridge.name} mtu ${own}\`, or \`ip link set dev ${name} mtu ${bridge.mtu}\`.`
          : `Restart the container of ${name}, or run \`ip link set dev ${name} mtu ${bridge.mtu}\`, and the same inside.`,
      ),
    );
  },
  fix: {
    does: 'The bridge gets the MTU of its port.',
    steps({ check }, { facts, doctor }) {
      const bridge = linkNamed(facts, doctor.bridge);
      const port = doctor.port === null ? null : linkNamed(facts, doctor.port);
      if (check !== 'mtu-mismatch' || bridge === null || port === null || port.mtu === bridge.mtu) return [];
      const set = (value: number) => ['ip', 'link', 'set', 'dev', bridge.name, 'mtu', String(value)];
      return [
        commandStep(
          'bridge-mtu',
          `Give ${bridge.name} the MTU of ${port.name}`,
          set(port.mtu),
          set(bridge.mtu),
        ),
      ];
    },
  },
};
