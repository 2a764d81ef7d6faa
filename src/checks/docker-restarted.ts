import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** Docker was not restarted without anybody putting things back. */
export const dockerRestarted: DoctorCheck = {
  id: 'docker-restarted',
  title: 'Since Docker was started, all was put back',
  group: 'docker',
  needs: 'root',
  on: 'set-up',
  looksAt: 'When dockerd was started, against the attach runtime and the accept rule.',
  cause: 'Docker writes its firewall anew when it starts, and its containers get new network namespaces.',
  run({ doctor: { engine, firewall, topology, bridge } }) {
    const { startedAt } = engine;
    const isLost = firewall.drops.some(({ insert }) => insert !== null && insert.copies === 0);
    const served = topology.daemon === null ? 0 : Date.parse(topology.daemon.since);
    if (startedAt === null || !isLost || startedAt < served) return [];
    const when = new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z');
    return [
      warning(
        'docker-restarted',
        topology.daemon === null
          ? `Docker was started at ${when}; the accept rule of ${bridge} is gone since, and no attach runtime runs that would put it back.`
          : `Docker was restarted at ${when}, and the attach runtime has not put the accept rule of ${bridge} back yet.`,
        topology.daemon === null
          ? 'Start the attach runtime.'
          : 'Ask again in a few seconds; then look at `journalctl -u bridge-setup`.',
      ),
    ];
  },
};
