import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import type { DoctorCheck } from './doctor-check.js';

/** Written once, read at each boot (sysctl.d(5)). */
const PERSIST = "echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-docker-forwarding.conf && sysctl --system";

/** Why Docker cannot start on a host without IP forwarding, and what helps; `null`: that is not it. */
export function forwardingProblem({ docker }: Pick<HostFacts, 'docker'>): Finding | null {
  const { forwarding } = docker;
  if (docker.reachable || forwarding === undefined || forwarding.now) return null;
  return {
    check: 'docker-needs-forwarding',
    severity: 'error',
    message:
      'Docker is installed, but does not run: with its nftables backend it does not switch IP forwarding on, and ends where that is off (net.ipv4.ip_forward is 0).',
    remedy: `Switch it on, for each boot, and start Docker: \`${PERSIST} && systemctl start docker\`. What Docker said: \`journalctl -u docker\`.`,
  };
}

/** Docker is started again by the next boot. */
export const dockerForwarding: DoctorCheck = {
  id: 'docker-forwarding',
  title: 'Docker finds IP forwarding as it needs it at the next boot',
  group: 'docker',
  looksAt: 'Whether Docker has its nftables backend, and net.ipv4.ip_forward, now and in sysctl.d(5).',
  cause:
    'With the nftables backend, which Docker has from 29 on, it leaves IP forwarding to the host, and does not start without it.',
  run({ facts }) {
    const { reachable, forwarding } = facts.docker;
    if (!reachable || forwarding === undefined || forwarding.lasting) return [];
    return [
      {
        check: 'docker-forwarding-not-lasting',
        severity: 'warning',
        message: `Docker runs with its nftables backend, and IP forwarding, without which it does not start, is switched ${forwarding.now ? 'on by hand only' : 'off'}: after the next boot Docker, and its containers, would not run.`,
        remedy: `Have it on at each boot: \`${PERSIST}\`.`,
      },
    ];
  },
};
