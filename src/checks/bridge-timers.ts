import { linkNamed } from '../model/links.js';
import { commandStep } from '../model/steps.js';
import { stpRemedy } from './bridge-settings.js';
import type { DoctorCheck } from './doctor-check.js';
import { note, toldByFiles, warning } from './found.js';

/** A container's port forwards at once. */
export const bridgeTimers: DoctorCheck = {
  id: 'bridge-timers',
  title: 'Ports forward at once: no spanning tree, no forward delay',
  group: 'bridge',
  on: 'set-up',
  looksAt: 'STP and the forward delay of the bridge, and what the files say of them.',
  cause:
    'With STP each new port listens and learns for twice the forward delay before it forwards, which DHCP clients do not wait for; and a switch with BPDU guard may shut its port.',
  run(context) {
    const told = toldByFiles(context, 'bridge-timers');
    if (told.length > 0) return told;
    const link = linkNamed(context.facts, context.doctor.bridge);
    if (!link?.bridge?.stp) return [];
    const seconds = link.bridge.forwardDelay * 2;
    return [
      seconds > 8
        ? warning(
            'stp-delays',
            `STP is on at ${link.name}: a container's port forwards after ${seconds} s.`,
            context.doctor.existing
              ? stpRemedy(context.facts, link.name)
              : `Unless loops are possible: \`ip link set dev ${link.name} type bridge stp_state 0\`, and the same in its file.`,
          )
        : note('stp-on', `STP is on at ${link.name}, as its files want it.`),
    ];
  },
  fix: {
    does: 'STP is switched off where the files want it off. On, it would keep all ports from forwarding for a while.',
    steps({ check }, { facts, doctor }) {
      const link = linkNamed(facts, doctor.bridge);
      if (check !== 'stp-differs' || !link?.bridge?.stp) return [];
      const stp = (state: string) => [
        'ip',
        'link',
        'set',
        'dev',
        link.name,
        'type',
        'bridge',
        'stp_state',
        state,
      ];
      return [commandStep('stp-off', `Switch STP off at ${link.name}`, stp('0'), stp('1'))];
    },
  },
};
