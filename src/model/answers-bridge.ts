import { z } from 'zod';

/** Linux interface name: at most 15 bytes (IFNAMSIZ - 1), no slash, no white space (`dev_valid_name`, net/core/dev.c). */
const INTERFACE_NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,15}$/;
/** Words with a meaning of their own: of the kernel (`net.ipv4.conf.all`, /sys/class/net), and of `bridge_ports`. */
const RESERVED_NAMES = ['all', 'default', 'bonding_masters', 'none', 'regex', 'auto', 'lo'];
/** Without the flag `i`: JSON Schema has no flags. */
const MAC = /^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/;

/** An interface name that the kernel accepts and that is safe in any configuration file. */
export const interfaceName = z
  .string()
  .max(15, 'an interface name has at most 15 characters')
  .regex(INTERFACE_NAME, 'an interface name has letters, digits, "_", "-" and "." only, 1 to 15 of them');

/** A name that the bridge can have in every file and command; its own rules beside those of the kernel. */
const bridgeName = interfaceName.superRefine((name, ctx) => {
  const problem = bridgeNameProblem(name);
  if (problem !== null) ctx.addIssue({ code: 'custom', message: problem });
});

function bridgeNameProblem(name: string): string | null {
  if (name.startsWith('-')) return 'begins with "-", which commands take for an option';
  if (RESERVED_NAMES.includes(name)) return `"${name}" has a meaning of its own to the kernel or to ifupdown`;
  if (/^(0x[0-9a-f]+|[\d.]+)$/i.test(name))
    return 'looks like an address or a number: give the bridge a name, like br0';
  const vlan = /^(.+)\.(\d+)$/.exec(name);
  return vlan === null ? null : `would be taken for VLAN ${vlan[2]} of ${vlan[1]} by the network scripts`;
}

/** Whether a bridge of that name can be named in answers. */
export const usableBridgeName = (name: string): boolean => bridgeName.safeParse(name).success;

const macAddress = z
  .string()
  .regex(MAC, { error: 'expected "uplink" or a MAC address like 02:00:00:00:00:01', abort: true })
  .refine(
    (mac) => !isMulticast(mac),
    'is a multicast address, which no link can have: the first octet has to be even',
  )
  .refine((mac) => !/^(00:){5}00$/.test(mac), 'is zero, which is no address');

const isMulticast = (mac: string) => Number.parseInt(mac.slice(0, 2), 16) % 2 === 1;

const bridgeShape = z
  .strictObject({
    name: bridgeName.default('br0').describe('Name of the bridge.'),
    uplink: interfaceName.describe(
      'The NIC that becomes the port of the bridge, or "auto": the one with the default route. Required unless the bridge is an existing one, whose port is found.',
    ),
    existing: z
      .boolean()
      .default(false)
      .describe(
        'true: the bridge is there, and somebody else configures it (Proxmox, libvirt, netplan, NetworkManager, by hand). No network file is changed; the attach runtime, the accept rule and the proof are set up.',
      ),
    stp: z
      .boolean()
      .default(false)
      .describe('Spanning tree. Off unless the LAN has loops: on, it delays every start.'),
    forwardDelay: z.int().min(0).max(30).default(0).describe('Seconds a new port waits before it forwards.'),
    mac: z
      .union([z.literal('uplink'), macAddress])
      .default('uplink')
      .describe('MAC address of the bridge; "uplink" keeps the one the LAN already knows.'),
  })
  .describe('The bridge, and the NIC that becomes its port.')
  // As far as JSON Schema can say it; `existingProblems` is what counts.
  .meta({
    if: { properties: { existing: { const: true } }, required: ['existing'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, not a promise.
    then: {
      properties: { stp: { const: false }, forwardDelay: { const: 0 }, mac: { const: 'uplink' } },
    },
    else: { required: ['uplink'] },
  });

/** The bridge. Its port need not be named where it is there: it can be found. */
export const bridge = z.preprocess(
  (given) => (isObject(given) && given.existing === true ? { uplink: 'auto', ...given } : given),
  bridgeShape,
);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that only count for a bridge that bridge-setup makes, each with the one that says nothing. */
const ONLY_MADE: readonly (readonly [group: string, key: string, nothing: unknown])[] = [
  ['bridge', 'stp', false],
  ['bridge', 'forwardDelay', 0],
  ['bridge', 'mac', 'uplink'],
  ['address', 'method', 'keep'],
  ['safety', 'cloudInit', 'refuse'],
];

/** What contradicts `bridge.existing`, by path: nothing of that bridge is changed. Of answers as they were given. */
export function existingProblems(value: unknown): { readonly path: string; readonly message: string }[] {
  if (!isObject(value) || !isObject(value.bridge) || value.bridge.existing !== true) return [];
  return ONLY_MADE.flatMap(([name, key, nothing]) => {
    const group = value[name];
    const given = isObject(group) ? group[key] : undefined;
    return given === undefined || given === nothing
      ? []
      : [
          {
            path: `${name}.${key}`,
            message:
              'only counts for a bridge that bridge-setup makes: with bridge.existing nothing of it is changed',
          },
        ];
  });
}

type Shape = z.input<typeof bridgeShape>;
/** The bridge as a person writes it: one that is there needs no uplink. */
export type BridgeInput = Omit<Shape, 'uplink'> & Partial<Pick<Shape, 'uplink'>>;
