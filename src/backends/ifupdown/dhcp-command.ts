import { refusal } from '../../errors.js';
import { DHCP_CLIENT_ORDER } from '../../model/dhcp-client.js';
import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import type { BridgeSpec } from '../../model/spec.js';
import { type ClientCommand, leasingClient } from '../live-clients.js';
import { type Interfaces, stanzasOf } from './files.js';
import type { Stanza } from './stanza.js';
import { optionsOf, optionValue } from './syntax.js';

/** The client that runs on the uplink, since the server knows the host by it; else the one that ifup would start. */
export function clientOfIfupdown(facts: HostFacts, spec: BridgeSpec): DhcpClientName | null {
  const { installed } = facts.dhcpClients;
  return (
    leasingClient(facts, spec)?.name ?? DHCP_CLIENT_ORDER.find((name) => installed.includes(name)) ?? null
  );
}

/**
 * How ifup starts the IPv4 client of a link, with the options of its stanza (ifupdown 0.8.41 to 0.8.44, inet.defn), so that
 * the lease is the same live and after a boot, and ifdown finds the client again.
 */
export function clientCommand(
  client: DhcpClientName,
  files: readonly Interfaces[],
  link: string,
): ClientCommand {
  const stanza = files
    .flatMap((interfaces) => stanzasOf(interfaces, link))
    .find(({ family, method }) => family === 'inet' && method === 'dhcp');
  const value = (name: string) => (stanza === undefined ? null : optionValue(stanza, name));
  /** Words of the command that are there where the stanza has the option. */
  const given = (name: string, text: string): string[] => {
    const option = value(name);
    return option === null
      ? []
      : shellWords(
          text.replace('%', () => option),
          name,
          stanza,
        );
  };
  switch (client) {
    case 'dhclient':
      return {
        argv: [
          ...['dhclient', '-4', '-v', ...(value('client') === 'no' ? [] : ['-i'])],
          ...['-pf', `/run/dhclient.${link}.pid`, '-lf', `/var/lib/dhcp/dhclient.${link}.leases`],
          ...['-I', '-df', `/var/lib/dhcp/dhclient6.${link}.leases`, link],
          ...given('metric', '-e IF_METRIC=%'),
        ],
      };
    case 'udhcpc':
      return {
        argv: [
          ...['udhcpc', '-n', '-p', `/run/udhcpc.${link}.pid`, '-i', link],
          ...given('hostname', '-x hostname:%'),
        ],
        ...(stanza === undefined ? {} : { env: environment(stanza, link) }),
      };
    case 'dhcpcd':
      return {
        argv: [
          'dhcpcd',
          ...given('hostname', '-h %'),
          ...given('vendor', '-i %'),
          ...given('client', '-I %'),
          ...given('leasetime', '-l %'),
          ...given('metric', '-m %'),
          link,
        ],
      };
  }
}

/**
 * What ifup tells its commands (`set_environ` in execute.c). Only udhcpc passes it on to its script, which may go by
 * it; dhclient and dhcpcd give theirs an environment of their own.
 */
function environment(stanza: Stanza, link: string): Record<string, string> {
  const options = optionsOf(stanza)
    .filter(({ name }) => !/^((pre-|post-)?(up|down))$/.test(name))
    .map(({ name, value }) => [
      `IF_${name.replaceAll('-', '_').toUpperCase()}`.replace(/[^A-Z0-9_]/g, ''),
      value,
    ]);
  return {
    ...Object.fromEntries(options),
    IFACE: link,
    LOGICAL: stanza.logical ?? link,
    ADDRFAM: 'inet',
    METHOD: 'dhcp',
    MODE: 'start',
    PHASE: 'post-up',
    VERBOSITY: '0',
  };
}

/** A character, or a quoted part, that stands for itself in the command line which ifup hands to sh(1). */
const SHELL_WORD = /(?:[^\s'"\\$`;&|<>()*?[\]{}~#!]|'[^']*'|"[^"\\$`]*"|\\[^\n])+/y;

/** The words that sh(1) makes of an option, quotes resolved. Refuses what only a shell could tell. */
function shellWords(text: string, option: string, stanza: Stanza | undefined): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    SHELL_WORD.lastIndex = at;
    const [word] = SHELL_WORD.exec(text) ?? [];
    if (word === undefined) throw unclear(option, stanza);
    found.push(
      word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) =>
        String(single ?? double ?? escaped),
      ),
    );
    at += word.length;
  }
  return found;
}

function unclear(option: string, stanza: Stanza | undefined) {
  const { path = '', line } = stanza ?? {};
  const written = stanza === undefined ? '' : optionValue(stanza, option);
  return refusal(
    'dhcp-option-unclear',
    `Only a shell can tell the value of "${option} ${written}", which ifup passes to the DHCP client.`,
    [{ message: `${path}: "${line?.text ?? ''}" has "${option} ${written}"` }],
    'Write the value itself into the file, then run bridge-setup again.',
  );
}
