import type { Check } from './check.js';

/** The person works over SSH, through the very link that moves. */
export const remoteSession: Check = {
  id: 'remote-session',
  title: 'The SSH session survives',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Whether the person who runs this is connected through the link that moves.',
  cause: 'The session goes through the very link whose address moves to the bridge.',
  run: ({ facts, answers, uplink }) => {
    const { ssh, client, link } = facts.session;
    const { name } = answers.bridge;
    if (!ssh || (link !== uplink && link !== name)) return [];
    const own = facts.links.flatMap(({ addresses }) => addresses.map(({ address }) => address));
    const { address } = answers;
    const move =
      address.method === 'static' && !own.includes((address.address ?? '').split('/')[0] ?? '')
        ? `Its address changes to ${address.address}; the old one is there, too, until the change is kept, and sessions to it end then`
        : link === name
          ? `The address stays on ${name}`
          : `The address moves to ${name} without a pause`;
    return [
      {
        check: 'remote-session',
        severity: 'info',
        message: `You are connected from ${client ?? 'another host'} over ${link}. ${move}. If the gateway does not answer afterwards, or this run is lost, the host goes back by itself.`,
      },
    ];
  },
};
