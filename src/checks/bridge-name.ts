import { linkNamed } from '../model/links.js';
import type { Check } from './check.js';

/** Whether the bridge's name is free, or already our bridge. */
export const bridgeName: Check = {
  id: 'bridge-name-taken',
  title: 'The name of the bridge is free',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Whether something else has the name of the bridge.',
  cause: 'A name belongs to one link.',
  run: ({ facts, answers, uplink }) => {
    const { name } = answers.bridge;
    const link = linkNamed(facts, name);
    if (link === null) return [];
    const port = linkNamed(facts, uplink);
    if (link.kind === 'bridge' && (port === null || port.master === name || !hasPorts(facts, name)))
      return [];
    const what = link.kind === 'bridge' ? 'a bridge with other ports' : `a ${link.kind ?? 'NIC'}`;
    return [
      {
        check: 'bridge-name-taken',
        severity: 'error',
        path: 'bridge.name',
        message: `${name} exists already, and is ${what}.`,
        remedy: 'Choose another name for the bridge.',
      },
    ];
  },
};

const hasPorts = (facts: Parameters<typeof linkNamed>[0], bridge: string) =>
  facts.links.some(({ master }) => master === bridge);
