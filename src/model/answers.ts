import { z } from 'zod';
import { type BridgeInput, bridge } from './answers-bridge.js';
import { hostAddressProblem, inSubnet } from './ipv4.js';
import { RUNTIME_IMAGE } from './runtime-container.js';

// `abort`: what is no address at all is not also "outside the subnet".
const ipv4 = z.ipv4({ error: 'expected an IPv4 address like 192.168.1.1', abort: true });
const ipv4Prefix = z.cidrv4({
  error: 'expected an address with its prefix length, like 192.168.1.10/24',
  abort: true,
});

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
  firewall: z
    .enum(['auto', 'never'])
    .default('auto')
    .describe(
      'Where the firewall of the host drops frames between the ports of the bridge: "auto" adds the rule that lets them pass, and the runtime keeps it; "never" leaves the firewall as it is.',
    ),
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
export type AnswersInput = Omit<z.input<typeof answersSchema>, 'bridge'> & {
  readonly bridge: BridgeInput;
};
