import { z } from 'zod';
import { hostAddressProblem, inSubnet } from './ipv4.js';
import { RUNTIME_IMAGE } from './runtime-container.js';

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

const macAddress = z
  .string()
  .regex(MAC, { error: 'expected "uplink" or a MAC address like 02:00:00:00:00:01', abort: true })
  .refine(
    (mac) => !isMulticast(mac),
    'is a multicast address, which no link can have: the first octet has to be even',
  )
  .refine((mac) => !/^(00:){5}00$/.test(mac), 'is zero, which is no address');

const isMulticast = (mac: string) => Number.parseInt(mac.slice(0, 2), 16) % 2 === 1;

// `abort`: what is no address at all is not also "outside the subnet".
const ipv4 = z.ipv4({ error: 'expected an IPv4 address like 192.168.1.1', abort: true });
const ipv4Prefix = z.cidrv4({
  error: 'expected an address with its prefix length, like 192.168.1.10/24',
  abort: true,
});

const bridge = z
  .strictObject({
    name: bridgeName.default('br0').describe('Name of the bridge.'),
    uplink: interfaceName.describe(
      'The NIC that becomes the port of the bridge, or "auto": the one with the default route.',
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
  .describe('The bridge, and the NIC that becomes its port.');

const addressShape = z.strictObject({
  method: z
    .enum(['keep', 'dhcp', 'static'])
    .default('keep')
    .describe(
      'Where the address of the host comes from: "keep" moves to the bridge what the uplink has now, "dhcp" asks the DHCP server of the LAN, "static" is what stands beside.',
    ),
  address: ipv4Prefix.optional().describe('With "static": address and prefix length of the host.'),
  gateway: ipv4.optional().describe('With "static": the default gateway.'),
  nameservers: z
    .array(ipv4)
    .max(8)
    .optional()
    .describe('With "static": DNS servers. Left out: those that stand in the configuration stay.'),
});

/** Judged by itself, so that what does not fit together is told beside any other problem of the answers. */
const address = addressShape
  .superRefine((given, ctx) => {
    for (const [key, message] of addressProblems(given)) {
      ctx.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .describe('The address of this host, on the bridge.')
  // The same for editors, as far as JSON Schema can say it.
  .meta({
    if: { properties: { method: { const: 'static' } }, required: ['method'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, not a promise.
    then: { required: ['address', 'gateway'] },
    else: { properties: { address: false, gateway: false, nameservers: false } },
  });

const imageReference = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-z0-9][A-Za-z0-9._/:@-]*$/, 'expected an image reference like busybox:1.36');

const runtime = z
  .strictObject({
    install: z
      .enum(['service', 'container', 'none'])
      .default('service')
      .describe(
        'How the attach runtime is installed: "service" of systemd, "container" of Docker, or "none": you have `bridge-setup daemon` started yourself. Where bridge-setup itself runs as a container, the default is "container".',
      ),
    image: imageReference
      .default(RUNTIME_IMAGE)
      .describe('Image of the runtime as a container. It has to be on this host.'),
  })
  .describe('The attach runtime, which puts containers on the bridge.');

const verify = z
  .strictObject({
    container: z
      .strictObject({
        image: imageReference
          .nullable()
          .default(null)
          .describe(
            "Image of the test containers; null: the busybox that Docker has, one made of the host's own, or pulled.",
          ),
        address: z
          .union([z.literal('dhcp'), ipv4Prefix])
          .default('dhcp')
          .describe(
            'Address of the test container: "dhcp", or a free one of the LAN with its prefix length, where no DHCP server is.',
          ),
      })
      .prefault({})
      .describe('The test containers.'),
    ping: z
      .array(z.union([z.literal('gateway'), ipv4]))
      .min(1)
      .max(8)
      .default(['gateway'])
      .describe(
        'What the test containers have to reach: addresses of hosts on the LAN, or "gateway". Where the host has no gateway on this LAN, that is the gateway that the container gets, else its DHCP server or a neighbour.',
      ),
  })
  .describe('The end-to-end proof.');

const safety = z
  .strictObject({
    confirmSeconds: z
      .int()
      .min(10)
      .max(3600)
      .default(120)
      .describe('A change that has to be confirmed is taken back after this many seconds.'),
    confirm: z
      .enum(['attended', 'always', 'never'])
      .default('attended')
      .describe(
        'Whether somebody has to confirm the new network: "attended" asks the person at the wizard, "always" also waits for `bridge-setup confirm` with an answers file, "never" lets the probes decide.',
      ),
    cloudInit: z
      .enum(['refuse', 'disable'])
      .default('refuse')
      .describe('Where cloud-init would write the network files anew at a boot: refuse, or switch that off.'),
    firewall: z
      .enum(['refuse', 'keep', 'follow'])
      .default('refuse')
      .describe(
        'Where rules of the firewall name the uplink: "refuse"; "follow" adds the same rules for the bridge, live and in the files that they are loaded from, and rollback removes them; "keep" leaves the firewall as it is.',
      ),
  })
  .describe('What keeps the host from being lost.');

/** The answers of a run, version 1: the same object for the wizard, `--answers` and the defaults. */
export const answersSchema = z.strictObject({
  $schema: z.string().optional().describe('Where this schema is. For editors; ignored.'),
  version: z.literal(1).describe('Version of this format.'),
  bridge,
  address: address.prefault({}),
  dhcpClient: z
    .enum(['auto', 'udhcpc', 'dhclient', 'dhcpcd'])
    .default('auto')
    .describe(
      'DHCP client for containers; "auto" is udhcpc, of its own package or of busybox, and dhclient on RHEL.',
    ),
  runtime: runtime.prefault({}),
  docker: z
    .strictObject({
      install: z
        .enum(['if-missing', 'never'])
        .default('never')
        .describe('"if-missing" installs the Docker of the distribution where there is none.'),
    })
    .prefault({})
    .describe('Whether Docker may be installed.'),
  packages: z
    .strictObject({
      install: z
        .boolean()
        .default(true)
        .describe('false: a host that lacks a package is refused, and nothing is installed.'),
    })
    .prefault({})
    .describe('Whether missing packages may be installed.'),
  verify: verify.prefault({}),
  safety: safety.prefault({}),
});

type AddressAnswers = z.output<typeof addressShape>;

/** What does not fit together within `address`, by key. */
function addressProblems({ method, ...given }: AddressAnswers): [keyof AddressAnswers, string][] {
  const keys = ['address', 'gateway', 'nameservers'] as const;
  if (method !== 'static') {
    return keys
      .filter((key) => given[key] !== undefined)
      .map((key) => [key, `only used when address.method is "static", and it is "${method}"`]);
  }
  const missing = (['address', 'gateway'] as const).filter((key) => given[key] === undefined);
  if (given.address === undefined || given.gateway === undefined) {
    return missing.map((key) => [key, 'required when address.method is "static"']);
  }
  // What is malformed has been told already.
  if (!ipv4Prefix.safeParse(given.address).success || !ipv4.safeParse(given.gateway).success) return [];
  const problems: [keyof AddressAnswers, string][] = [];
  const host = hostAddressProblem(given.address);
  if (host !== null) problems.push(['address', host]);
  if (!inSubnet(given.gateway, given.address)) {
    problems.push([
      'gateway',
      `${given.gateway} is outside the subnet of ${given.address}, so it cannot be reached`,
    ]);
  } else if (given.address.startsWith(`${given.gateway}/`)) {
    problems.push(['gateway', 'is the address of the host itself']);
  }
  return problems;
}

/** Parsed answers, every default filled in. */
export type Answers = z.output<typeof answersSchema>;
/** Answers as a person writes them. */
export type AnswersInput = z.input<typeof answersSchema>;
