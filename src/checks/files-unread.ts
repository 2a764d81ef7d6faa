import type { UnreadFile } from '../model/facts.js';
import type { Check } from './check.js';

/** What is wrong, and what to do; the first word is the file. */
const WORDS: Readonly<
  Record<UnreadFile['reason'], (file: UnreadFile) => { message: string; remedy: string }>
> = {
  'too-large': ({ path, detail }) => ({
    message: `${path} has ${detail}, more than bridge-setup reads of a configuration file (256 KiB), so what it says of the network is not known.`,
    remedy: `Shorten it, or move it away: mv ${path} /root/`,
  }),
  unreadable: ({ path, detail }) => ({
    message: `${path} cannot be read, so what it says of the network is not known: ${detail}.`,
    remedy: `Run as root, and look at its permissions: ls -l ${path}`,
  }),
  binary: ({ path, detail }) => ({
    message: `${path} is no text (it has ${detail}), so what it says of the network is not known.`,
    remedy: `Move it away: mv ${path} /root/`,
  }),
};

const denied = (path: string): UnreadFile => ({ path, reason: 'unreadable', detail: 'permission denied' });

/** Whether the facts hold every file that has a say in the network. */
export const filesUnread: Check = {
  id: 'config-file-unread',
  title: 'Every configuration file of the network can be read',
  group: 'host',
  needs: 'files',
  on: 'not-set-up',
  looksAt: 'Whether a file that the network is configured by is too large, not readable, or no text.',
  cause: 'A plan that does not know all of the configuration may break what it does not know.',
  run: ({ facts }) =>
    [...(facts.unreadFiles ?? []), ...(facts.unreadable ?? []).map(denied)].map((file) => ({
      check: `config-file-${file.reason}`,
      severity: 'error' as const,
      ...WORDS[file.reason](file),
    })),
};
