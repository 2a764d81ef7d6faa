import { type AttachConfig, parseConfig } from '../attach/config.js';
import type { Answers, AnswersInput } from '../model/answers.js';
import type { HostFacts, Link } from '../model/facts.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../model/links.js';
import { CLOUD_INIT_FILE, RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { parseAnswers } from './answers-file.js';
import { settleUplink } from './prepare.js';
import { isExisting, likelyBridge } from './served-bridge.js';

/**
 * The answers that make a host like this one. What is not set up yet has its default; on a host that is set up they
 * change nothing. Refuses (`uplink-unclear`) where no link leads to the LAN.
 */
export function dumpAnswers(facts: HostFacts): Answers {
  const config = facts.files[RUNTIME_CONFIG_FILE];
  const served = config === undefined ? null : parseConfig(config.content);
  const name = likelyBridge(facts);
  const bridge = linkNamed(facts, name);
  if (bridge?.kind === 'bridge' && isExisting(facts, name)) return existingAnswers(facts, name, served);
  const wanted = parseAnswers({ version: 1, bridge: { name, uplink: 'auto' } });
  const uplink = settleUplink(wanted, facts);
  const isSetUp = bridge?.kind === 'bridge';
  const given: AnswersInput = {
    version: 1,
    bridge: { name, uplink, ...(isSetUp ? bridgeSettings(bridge, linkNamed(facts, uplink)) : {}) },
    address: addressAnswers(facts, isSetUp ? name : uplink),
    dhcpClient: served === null || served.dhcpClient === 'udhcpc' ? 'auto' : served.dhcpClient,
    runtime: runtimeAnswers(facts, isSetUp),
    firewall: served?.firewall ?? 'auto',
    safety: { cloudInit: facts.files[CLOUD_INIT_FILE] === undefined ? 'refuse' : 'disable' },
  };
  return parseAnswers(given);
}

/** Of a bridge that is somebody else's there is nothing to tell but its name. */
function existingAnswers(facts: HostFacts, name: string, served: AttachConfig | null): Answers {
  const isServed = served !== null;
  return parseAnswers({
    version: 1,
    bridge: { name, existing: true },
    dhcpClient: !isServed || served.dhcpClient === 'udhcpc' ? 'auto' : served.dhcpClient,
    runtime: runtimeAnswers(facts, isServed),
  });
}

function bridgeSettings({ bridge, mac }: Link, port: Link | null) {
  return {
    stp: bridge?.stp ?? false,
    forwardDelay: Math.round(bridge?.forwardDelay ?? 0),
    mac: mac === null || mac === port?.mac ? 'uplink' : mac,
  };
}

/** On a host that is not set up yet: what would be installed. */
function runtimeAnswers(
  { runtime, init }: HostFacts,
  isSetUp: boolean,
): NonNullable<AnswersInput['runtime']> {
  const { container, service } = runtime;
  if (isSetUp && container?.own) return { install: 'container', image: container.image };
  return { install: (isSetUp ? service !== null : init === 'systemd') ? 'service' : 'none' };
}

/** The address in words of the answers; "keep" where they have none, such as for several addresses. */
function addressAnswers(facts: HostFacts, carrier: string): NonNullable<AnswersInput['address']> {
  const own = (linkNamed(facts, carrier)?.addresses ?? []).filter(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  const leases = facts.dhcpClients.running.some((client) => client.link === carrier && !isDhcpv6(client));
  const [only] = own;
  if (own.length !== 1 || only === undefined) return { method: 'keep' };
  if (only.dynamic || leases) return { method: 'dhcp' };
  const gateway = defaultRoute(facts, [carrier])?.gateway;
  if (!gateway) return { method: 'keep' };
  const given = { method: 'static', address: `${only.address}/${only.prefix}`, gateway } as const;
  const nameservers = configuredNameservers(facts);
  const address = nameservers.length > 0 ? { ...given, nameservers } : given;
  // A gateway outside of the subnet, for one, is nothing that answers may hold.
  return isAccepted(address) ? address : { method: 'keep' };
}

function isAccepted(address: AnswersInput['address']): boolean {
  try {
    parseAnswers({ version: 1, bridge: { uplink: 'auto' }, address });
    return true;
  } catch {
    return false;
  }
}

/**
 * Name servers that the network configuration names in one line, and nothing else with them: those of resolv.conf
 * alone are not ours to write there.
 */
function configuredNameservers({ files }: HostFacts): string[] {
  const lines = Object.entries(files).flatMap(([path, { content }]) =>
    path.startsWith('/etc/network/') ? (content.match(/^[ \t]*dns[-_]nameservers?[ \t].*$/gm) ?? []) : [],
  );
  const [, ...words] = lines.length === 1 ? (lines[0]?.trim().split(/[ \t]+/) ?? []) : [];
  return words.every((word) => /^[\d.]+$/.test(word)) ? words : [];
}
