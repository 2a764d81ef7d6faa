import type { Host } from '../host/host.js';
import { processesHere } from './processes.js';

/** Options of wpa_supplicant(8) that take a value: attached to the letter, or the next word. */
const WITH_VALUE = 'bcCDefgGiImoOpP';

/**
 * Links that a command line gives to wpa_supplicant: `-i eth0`, `-ieth0`, `-Bieth0`; several with `-N` between them.
 * None for one that only serves NetworkManager over D-Bus (`-u`), and none for another program.
 */
export function parseSupplicant(argv: readonly string[]): string[] {
  if (argv[0]?.split('/').at(-1) !== 'wpa_supplicant') return [];
  const links: string[] = [];
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!/^-[^-]/.test(word)) continue;
    // Letters without a value may stand before the one that has it.
    const letter = [...word].findIndex((each, index) => index > 0 && WITH_VALUE.includes(each));
    if (letter === -1) continue;
    const value = word.slice(letter + 1) || argv[++at];
    if (word[letter] === 'i' && value) links.push(value);
  }
  return links;
}

/** Links that a running wpa_supplicant authenticates to the network. */
export async function collectSupplicants(host: Host): Promise<string[]> {
  const { found } = await processesHere(host, (argv) => parseSupplicant(argv).length > 0);
  return [...new Set(found.flatMap(({ argv }) => parseSupplicant(argv)))].sort();
}
