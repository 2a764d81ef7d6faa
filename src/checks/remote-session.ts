import type { Check } from './check.js';

/** The person works over SSH, through the very link that moves. */
export const remoteSession: Check = {
  id: 'remote-session',
  title: 'The SSH session survives',
  run: ({ facts, answers, uplink }) => {
    const { ssh, client, link } = facts.session;
    if (!ssh || (link !== uplink && link !== answers.bridge.name)) return [];
    return [
      {
        check: 'remote-session',
        severity: 'warning',
        message: `You are connected from ${client ?? 'another host'} over ${link}. The connection pauses for a few seconds while the address moves to ${answers.bridge.name}.`,
        remedy: 'Keep this terminal open. Have a console at hand if the host is far away.',
      },
    ];
  },
};
