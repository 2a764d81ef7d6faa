// Runs inside the sandbox, where it is the host: it makes random networks, moves each to a bridge and back by the real
// steps, and compares all that the kernel tells of them.
import fc from 'fast-check';
import type { ApplyContext } from '../../src/apply/context.js';
import { carryOut } from '../../src/apply/steps.js';
import { liveChange } from '../../src/backends/live-change.js';
import { keptGateway } from '../../src/backends/wanted.js';
import { collectLinks, collectRoutes } from '../../src/facts/links.js';
import { collectObstacles } from '../../src/facts/obstacles.js';
import { localHost } from '../../src/host/local-host.js';
import type { HostFacts } from '../../src/model/facts.js';
import type { JournalEntry } from '../../src/model/journal.js';
import type { Step } from '../../src/model/plan.js';
import type { BridgeSpec } from '../../src/model/spec.js';
import { invert } from '../../src/plan/invert.js';
import { KNOWN_NETWORKS } from './known-networks.js';
import { type RandomNetwork, randomNetwork } from './random-network.js';

const host = localHost();
const MAC = '52:54:00:12:34:56';
const SEED = Number(process.env.LIVE_SEED || Date.now() % 1_000_000);
const RUNS = Number(process.env.LIVE_RUNS ?? 60);
/** Lifetimes run on, and each copy of one loses the rest of a second: two on the way there, two on the way back. */
const ROUNDING_SECONDS = 4;

const quiet = { check: false } as const;

async function makeLinks(): Promise<void> {
  const links = ['eth0', 'eth1', 'eth2'];
  const lines = links.flatMap((name, index) => [
    `link add ${name} ${index === 0 ? `address ${MAC}` : ''} type veth peer name far${index}`,
    `link set ${name} group 7`,
    `link set far${index} addrgenmode none`,
    `link set far${index} up`,
    `link set ${name} up`,
  ]);
  await host.run(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

async function make({ settings, lines }: RandomNetwork): Promise<void> {
  await makeLinks();
  const write = Object.entries(settings).map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`);
  if (write.length > 0) await host.run(['sh', '-c', write.join('\n')]);
  // Lines of one family that follow one another in one process.
  for (let at = 0; at < lines.length; ) {
    const family = lines[at]?.family ?? 0;
    let end = at;
    while (lines[end]?.family === family) end++;
    const ip = family === 0 ? ['ip'] : ['ip', `-${family}`];
    const input = `${lines
      .slice(at, end)
      .map(({ text }) => text)
      .join('\n')}\n`;
    await host.run([...ip, '-force', '-batch', '-'], { ...quiet, input });
    at = end;
  }
}

async function clear(): Promise<void> {
  const script =
    'ip link del br0; ip link del group 7; ip nexthop flush; for f in -4 -6; do ip $f rule flush; ip $f route flush table all; ip $f rule add lookup main priority 32766; done; ip rule add lookup default priority 32767; ip address add 127.0.0.1/8 dev lo scope host; ip -6 route flush cache';
  await host.run(['sh', '-c', script], quiet);
}

/** What the kernel tells, by topic, in lines. */
type Told = Record<string, string[]>;

const SHOW = `
echo '=links'; ip -details link show
echo '=addresses'; ip address show
echo '=routes 4'; ip -4 -details -oneline route show table all
echo '=routes 6'; ip -6 -details -oneline route show table all
echo '=rules 4'; ip -4 rule show
echo '=rules 6'; ip -6 rule show
echo '=nexthops'; ip nexthop show
echo '=neighbours'; ip neighbour show nud permanent; ip neighbour show proxy
echo '=tokens'; ip token show | grep -v ' far[0-9]'
echo '=settings'; grep -s . /proc/sys/net/ipv4/conf/eth?/* /proc/sys/net/ipv6/conf/eth?/*
`;

async function tell(): Promise<Told> {
  const { stdout } = await host.run(['sh', '-c', SHOW], quiet);
  const told: Told = {};
  let topic = '';
  for (const raw of stdout.split('\n')) {
    if (raw.startsWith('=')) topic = raw.slice(1);
    else if (raw.trim() !== '') told[topic] = [...(told[topic] ?? []), raw.trimEnd()];
  }
  return normal(told);
}

/** Without what is random or means nothing: the numbers of privacy addresses, the order of link-local routes. */
function normal(told: Told): Told {
  const temporary = (told.addresses ?? []).flatMap(
    (text) => /inet6 (\S+)\/\d+ .*temporary/.exec(text)?.[1] ?? [],
  );
  const own = (text: string) => !temporary.some((address) => text.includes(`${address} `));
  const routes6 = (told['routes 6'] ?? []).filter(own);
  const routes4 = told['routes 4'] ?? [];
  const isLocal = (text: string) => text.startsWith('local ');
  const isOrdered = (text: string) => !/ (fe80|ff00)::|table local/.test(text);
  const hidden = (text: string) => /far\d/.test(text);
  return {
    ...told,
    links: (told.links ?? []).map((text) => text.replace(/^\d+: /, '').replace(/ bridge_id .*/, '')),
    addresses: addressesOf(told.addresses ?? []),
    'routes 4': [...routes4.filter((text) => !isLocal(text)), ...routes4.filter(isLocal).sort()],
    'routes 6': [
      ...routes6.filter((text) => isOrdered(text)),
      ...routes6.filter((text) => !isOrdered(text) && !hidden(text)).sort(),
    ],
    neighbours: (told.neighbours ?? []).sort(),
  };
}

/** An address and its lifetimes on one line, privacy addresses last: the kernel makes them beside others. */
function addressesOf(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const text of lines) {
    if (/^\s+valid_lft/.test(text)) joined[joined.length - 1] += ` ${text.trim()}`;
    else joined.push(text.replace(/^\d+: /, ''));
  }
  const isTemporary = (text: string) => / temporary /.test(text);
  const masked = (text: string) =>
    text
      .replace(/inet6 \S+\/\d+/, 'inet6 PRIVATE')
      .replace(' tentative', '')
      .replace(/ valid_lft.*/, '');
  return blocksOf(joined).flatMap((block) => [
    ...block.filter((text) => !isTemporary(text)),
    ...block.filter(isTemporary).map(masked),
  ]);
}

/** The lines of each link. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const text of lines) {
    if (/^\S/.test(text)) blocks.push([]);
    blocks.at(-1)?.push(text);
  }
  return blocks;
}

const blockOf = (told: Told, link: string): string[] =>
  blocksOf(told.addresses ?? [])
    .find(([head]) => head?.startsWith(link))
    ?.slice(2) ?? [];

let madeAt = 0;
const elapsedSeconds = () => (performance.now() - madeAt) / 1000;

const LIFETIME = /\b(valid_lft|preferred_lft|expires) (\d+)sec/g;

/** Differences of two networks, for people; empty: there are none. */
function differences(before: Told, after: Told, topics = Object.keys(before)): string[] {
  return [...new Set([...topics, ...Object.keys(after).filter((topic) => topics.includes(topic))])].flatMap(
    (topic) => {
      const [old, now] = [before[topic] ?? [], after[topic] ?? []];
      const same = old.length === now.length && old.every((text, index) => isSame(text, now[index] ?? ''));
      if (same) return [];
      const lost = old.filter((text) => !now.some((other) => isSame(text, other)));
      const added = now.filter((text) => !old.some((other) => isSame(text, other)));
      const words = [...lost.map((text) => `- ${text}`), ...added.map((text) => `+ ${text}`)];
      return words.length > 0
        ? [`${topic}:`, ...words]
        : [`${topic}, order:`, ...old.map((text) => `  was ${text}`), ...now.map((text) => `  is  ${text}`)];
    },
  );
}

function isSame(a: string, b: string): boolean {
  const numbers = (text: string) => [...text.matchAll(LIFETIME)].map(([, , value]) => Number(value));
  const plain = (text: string) => text.replace(LIFETIME, '$1 N').trim();
  const [x, y] = [numbers(a), numbers(b)];
  return (
    plain(a) === plain(b) &&
    x.every((value, index) => Math.abs(value - (y[index] ?? 0)) <= elapsedSeconds() + ROUNDING_SECONDS)
  );
}

/** The network on the bridge, as if the bridge were the NIC. */
function asBefore(told: Told): Told {
  const rename = (text: string) => text.replaceAll('br0', 'eth0');
  const ofPort = (text: string) => /\beth0\b/.test(text);
  return {
    addresses: [...blockOf(told, 'br0').map(rename), 'PORT', ...blockOf(told, 'eth0')],
    tokens: (told.tokens ?? [])
      .filter((text) => !/^token :: dev eth0/.test(text))
      .map(rename)
      .sort(),
    ...Object.fromEntries(
      ['routes 4', 'routes 6', 'rules 4', 'rules 6', 'nexthops'].map((topic) => [
        topic,
        (told[topic] ?? [])
          .filter((text) => !(topic === 'routes 6' && ofPort(text) && /ff00::/.test(text)))
          .map((text) => (ofPort(text) ? `STILL ${text}` : rename(text))),
      ]),
    ),
  };
}

const expectedOnBridge = (told: Told): Told => ({
  ...told,
  addresses: [...blockOf(told, 'eth0'), 'PORT'],
  tokens: (told.tokens ?? []).toSorted(),
});

/** Names have changed, and with them what was sorted. */
function resort(told: Told): Told {
  const [routes4, routes6] = [told['routes 4'] ?? [], told['routes 6'] ?? []];
  const isLocal = (text: string) => text.startsWith('local ');
  const isOrdered = (text: string) => !/ (fe80|ff00)::|table local/.test(text);
  return {
    ...told,
    'routes 4': [...routes4.filter((text) => !isLocal(text)), ...routes4.filter(isLocal).sort()],
    'routes 6': [...routes6.filter(isOrdered), ...routes6.filter((text) => !isOrdered(text)).sort()],
  };
}

function context(): ApplyContext {
  return {
    host,
    passed: [],
    dhcpClients: async () => [],
    progress: { step: () => {}, line: () => {}, note: () => {} },
  } as unknown as ApplyContext;
}

async function stepsFor({ gateway }: RandomNetwork): Promise<Step[]> {
  const [links, routes] = [await collectLinks(host), await collectRoutes(host)];
  const facts = { links, routes, dhcpClients: { installed: [], running: [] } } as unknown as HostFacts;
  const fixed = links
    .find(({ name }) => name === 'eth0')
    ?.addresses.find(({ family, scope, dynamic }) => family === 4 && scope === 'global' && !dynamic);
  const spec: BridgeSpec = {
    uplink: 'eth0',
    bridge: { name: 'br0', mac: MAC, stp: false, forwardDelay: 0 },
    address: { method: 'keep' },
  };
  return liveChange({
    facts,
    spec,
    address: fixed === undefined ? null : `${fixed.address}/${fixed.prefix}`,
    gateway: keptGateway(gateway, spec, facts),
    retired: [],
    forwardDelay: 0,
    maxWait: 0,
    client: null,
    command: () => ({ argv: [] }),
  });
}

const CODES = { address: 'address-cannot-move', route: 'route-cannot-move', nexthop: 'nexthop-cannot-move' };
const counts: Record<string, number> = {};
const count = (what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** DAD is over. */
async function atRest(): Promise<Told> {
  for (let attempt = 0; ; attempt++) {
    const told = await tell();
    if (attempt === 50 || !told.addresses?.some((text) => / tentative/.test(text))) return told;
    await host.clock.sleep(20);
  }
}

async function thereAndBack(network: RandomNetwork): Promise<void> {
  await clear();
  await make(network);
  madeAt = performance.now();
  const before = await atRest();
  const obstacles = (await collectObstacles(host)).filter(({ link }) => link === 'eth0');
  if (obstacles.length > 0) return count(`refused: ${CODES[obstacles[0]?.kind ?? 'route']}`);
  const steps = await stepsFor(network);
  const fail = (what: string, problem: string) => {
    count('different');
    const made = network.lines.map(({ family, text }) => `ip ${family === 0 ? '' : `-${family} `}${text}`);
    throw new Error(
      [what, problem, ...Object.entries(network.settings).map(([k, v]) => `${k}=${v}`), ...made].join('\n'),
    );
  };
  const entries: JournalEntry[] = [];
  for (const [n, step] of steps.entries()) {
    entries.push({ n, step, before: null, state: 'done' });
    await carryOut(step, context()).catch((error) => fail(`set-up, ${step.id}`, String(error)));
  }
  const there = differences(resort(expectedOnBridge(before)), resort(asBefore(await atRest())), [
    'addresses',
    'routes 4',
    'routes 6',
    'rules 4',
    'rules 6',
    'nexthops',
    'tokens',
  ]);
  if (there.length > 0 && !steps.some(({ id }) => id === 'gateway')) fail('on the bridge', there.join('\n'));
  for (const { step } of invert(entries)) {
    await carryOut(step, context()).catch((error) => fail(`rollback, ${step.id}`, String(error)));
  }
  const back = differences(before, await atRest());
  if (back.length > 0) fail('after the rollback', back.join('\n'));
  count('there and back');
}

// Duplicate address detection would take a second for each network.
for (const path of [
  'ipv6/conf/default/accept_dad',
  'ipv6/conf/all/accept_dad',
  'ipv6/conf/default/router_solicitations',
]) {
  await host.run(['tee', `/proc/sys/net/${path}`], { input: '0' });
}
const started = performance.now();
const result = await fc.check(fc.asyncProperty(randomNetwork, thereAndBack), {
  seed: SEED,
  numRuns: RUNS,
  examples: KNOWN_NETWORKS.map((network): [RandomNetwork] => [network]),
  // A smaller network that shows the same takes a while to be found.
  endOnFailure: process.env.LIVE_SHRINK === '0',
  interruptAfterTimeLimit: Number(process.env.LIVE_SECONDS ?? 3600) * 1000,
});
const seconds = Math.round(performance.now() - started) / 1000;
const error = result.failed
  ? String((result.errorInstance as Error | undefined)?.message ?? 'interrupted')
  : null;
process.stdout.write(
  `${JSON.stringify({ seed: SEED, runs: result.numRuns, path: result.counterexamplePath, seconds, counts, error })}\n`,
);
