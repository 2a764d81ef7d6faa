import { z } from 'zod';
import { EXIT, messageOf, refusal, SetupError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { type LinkOwner, parseAlias } from '../names.js';

/** Seconds after which ovs-vsctl gives up (ovs-vsctl(8), --timeout): it would wait for the database for ever. */
const TIMEOUT_S = 5;

/** Key in `external_ids` of a port (ovs-vswitchd.conf.db(5)) that marks it as ours; the value is the link's alias. */
export const OWNER_KEY = 'bridge-setup';

/** A port as the database has it. It outlives its interface. */
export interface OvsPort {
  readonly name: string;
  readonly bridge: string;
  /** VLAN that it is an access port of (`tag`); `null`: none. */
  readonly vlan: number | null;
  /** The container that it was made for; `null`: it is not ours. */
  readonly owner: LinkOwner | null;
}

/** A VLAN of a bridge that has a name like a bridge of its own (ovs-vsctl(8), "Bridge Commands"). */
export interface FakeBridge {
  readonly name: string;
  readonly parent: string;
  readonly vlan: number;
}

/** Bridges and ports of Open vSwitch. */
export interface OvsDatabase {
  readonly bridges: readonly string[];
  readonly fakeBridges: readonly FakeBridge[];
  readonly ports: readonly OvsPort[];
}

/** Run ovs-vsctl. Throws `ovs-not-installed` or `ovs-failed`, with what it said. */
export async function ovsVsctl(host: Host, argv: readonly string[]): Promise<string> {
  if ((await host.which('ovs-vsctl')) === null) {
    throw refusal(
      'ovs-not-installed',
      'ovs-vsctl, which Open vSwitch is told by, is not installed',
      [],
      'Install it: the package openvswitch-switch (Debian) or openvswitch (RHEL).',
    );
  }
  const { exitCode, stdout, stderr } = await host.run(['ovs-vsctl', `--timeout=${TIMEOUT_S}`, ...argv], {
    check: false,
    timeoutMs: (TIMEOUT_S + 2) * 1000,
  });
  if (exitCode === 0) return stdout;
  // It ends itself by a signal, SIGALRM, when its time is over.
  const why = exitCode === null ? `no answer within ${TIMEOUT_S} s` : lastLine(stderr);
  throw new SetupError('ovs-failed', `Open vSwitch did not do what it was asked for: ${why}`, {
    exitCode: EXIT.refused,
    hint: 'Look whether ovsdb-server and ovs-vswitchd run: "systemctl status openvswitch-switch" (RHEL: openvswitch), "ovs-vsctl show".',
  });
}

/** Read all bridges and ports, at one moment. Throws as `ovsVsctl` does. */
export async function readOvs(host: Host): Promise<OvsDatabase> {
  const stdout = await ovsVsctl(host, [
    '--format=json',
    ...['--', '--columns=name,ports', 'list', 'bridge'],
    ...['--', '--columns=_uuid,name,tag,external_ids,fake_bridge', 'list', 'port'],
  ]);
  try {
    return parseOvs(stdout);
  } catch (error) {
    throw new SetupError('ovs-unreadable', `what ovs-vsctl says cannot be read: ${messageOf(error)}`, {
      exitCode: EXIT.refused,
      cause: error,
    });
  }
}

/** Values of a database in JSON (RFC 7047, 5.1): an atom, or `[kind, …]`. */
const tableSchema = z.object({ headings: z.array(z.string()), data: z.array(z.array(z.unknown())) });
const uuidSchema = z.tuple([z.literal('uuid'), z.string()]).transform(([, id]) => id);
/** A set of one is written as its element. */
const uuidsSchema = z.union([
  uuidSchema.transform((id) => [id]),
  z.tuple([z.literal('set'), z.array(uuidSchema)]).transform(([, ids]) => ids),
]);
const tagSchema = z.union([
  z.number(),
  z.tuple([z.literal('set'), z.array(z.number())]).transform(() => null),
]);
const mapSchema = z
  .tuple([z.literal('map'), z.array(z.tuple([z.string(), z.string()]))])
  .transform(([, pairs]) => new Map(pairs));
const bridgeSchema = z.object({ name: z.string(), ports: uuidsSchema });
const portSchema = z.object({
  _uuid: uuidSchema,
  name: z.string(),
  tag: tagSchema,
  external_ids: mapSchema,
  fake_bridge: z.boolean(),
});

/** Parse the tables of bridges and ports, a line each, as `ovs-vsctl --format=json list` prints them. */
export function parseOvs(text: string): OvsDatabase {
  const [bridgeTable = '', portTable = ''] = text.trim().split('\n');
  const bridges = rowsOf(bridgeTable).map((row) => bridgeSchema.parse(row));
  const bridgeOf = new Map(bridges.flatMap(({ name, ports }) => ports.map((id) => [id, name] as const)));
  const all = rowsOf(portTable).map((row) => portSchema.parse(row));
  const names = bridges.map(({ name }) => name);
  const placed = all.flatMap((port) => {
    const bridge = bridgeOf.get(port._uuid);
    // Each bridge has a port of its own name, the host's own interface on it.
    return bridge === undefined || names.includes(port.name) ? [] : [{ ...port, bridge }];
  });
  return {
    bridges: names,
    fakeBridges: placed.flatMap(({ name, bridge, tag, fake_bridge }) =>
      fake_bridge && tag !== null ? [{ name, parent: bridge, vlan: tag }] : [],
    ),
    ports: placed.map(({ name, bridge, tag, external_ids }) => ({
      ...{ name, bridge, vlan: tag },
      owner: parseAlias(external_ids.get(OWNER_KEY) ?? null),
    })),
  };
}

function rowsOf(table: string): unknown[] {
  const { headings, data } = tableSchema.parse(JSON.parse(table));
  return data.map((row) => Object.fromEntries(headings.map((heading, index) => [heading, row[index]])));
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^ovs-vsctl: /, '') || 'it said nothing'
  );
}
