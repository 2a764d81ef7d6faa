import { refusal } from '../../errors.js';
import { holds, isStart, stanzasOf } from './files.js';
import { logicalNames, wordsFor } from './logical.js';
import { means, readWord, without } from './pattern.js';
import type { Rule } from './refuse-files.js';

/**
 * `auto /eth*`, `allow-hotplug mac/aa:…`, `auto eth0=home`, where they cannot be kept for the other links: interfaces(5),
 * "Pattern matching interfaces".
 */
export const patternOnUplink: Rule = (interfaces, spec, nic) => {
  const { uplink, bridge } = spec;
  const stanzas = stanzasOf(interfaces, uplink);
  const isThere = holds(stanzasOf(interfaces, bridge.name), uplink);
  const bridgeLink = { name: bridge.name, mac: bridge.mac || nic.mac };
  const several = logicalNames(wordsFor(interfaces, nic)).length > 1;

  const reason = (text: string, keyword: string): string | null => {
    const word = readWord(text);
    const isUplink = means(word, nic);
    if (isUplink === null) return `whether it means ${uplink} is only known when ifup runs`;
    // udev would call ifup for the bridge in the middle of the change, and a stanza of another name would count.
    if (!isThere && means(word, bridgeLink) !== false) return `it would mean ${bridge.name}, too`;
    if (!isUplink || word.logical === null) return null;
    if (stanzas.some(({ logical }) => logical === null)) return `${uplink} has a stanza of its own, too`;
    if (several) return `${uplink} gets several stanzas`;
    // ifup --allow=hotplug eth0, as udev calls it, knows no other name than this.
    if (!['auto', 'allow-auto'].includes(keyword)) return 'with "=" it works for "auto" only';
    if (word.variable !== null && without(text, uplink) === null)
      return `no pattern says plainly "all of these but ${uplink}"`;
    return null;
  };

  for (const { keyword, name } of interfaces.selected) {
    if (!isStart(keyword) || !/[/=]/.test(name)) continue;
    const why = reason(name, keyword);
    if (why === null) continue;
    return refusal(
      'uplink-pattern',
      `"${keyword} ${name}" cannot be kept for the other interfaces beside ${bridge.name}.`,
      [{ message: `${why}.` }],
      `Name the interfaces in that line one by one, and give ${uplink} a stanza "iface ${uplink} …".`,
    );
  }
  return undefined;
};
