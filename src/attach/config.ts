import { z } from 'zod';
import { type Problem, refusal, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import { interfaceName } from '../model/answers-bridge.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { parseNetwork } from './address.js';

/** A network in CIDR notation; the reason why it is none is the message. */
const network = z.string('expected a network such as 192.168.1.0/24').check((context) => {
  const parsed = parseNetwork(context.value);
  if (!parsed.ok) context.issues.push({ code: 'custom', message: parsed.reason, input: context.value });
});

const configSchema = z.strictObject({
  version: z.literal(1, 'expected 1'),
  bridges: z
    .array(interfaceName)
    .min(1, 'name at least one bridge')
    .max(16, 'at most 16 bridges')
    .refine((names) => new Set(names).size === names.length, 'the same bridge stands here twice')
    .describe('Bridges that a container may ask for.'),
  existing: z
    .array(interfaceName)
    .max(16, 'at most 16 bridges')
    .optional()
    .describe('Those of them that somebody else configures: bridge-setup changes nothing of them.'),
  addresses: z
    .array(network, 'expected a list of networks')
    .min(1, 'name at least one network, or leave this out')
    .max(64, 'at most 64 networks')
    .optional()
    .describe('Networks that a container may take an address of, by its rule. Absent: any.'),
  imageRules: z
    .boolean('expected true or false')
    .default(false)
    .describe('Whether rules that come with an image are followed.'),
  macs: z
    .enum(['host', 'name'], 'expected "host" or "name"')
    .optional()
    .describe(
      'What MAC addresses of containers are made from: this host, bridge, container and interface, or without this host, as earlier versions did. Absent: "name".',
    ),
  ipv6: z
    .enum(['off', 'slaac'], 'expected "off" or "slaac"')
    .optional()
    .describe(
      'What containers take of IPv6 beside an address of their rule: nothing, or what routers advertise. Absent: "off".',
    ),
  firewall: z
    .enum(['auto', 'never'], 'expected "auto" or "never"')
    .optional()
    .describe(
      'Whether frames between the ports of the bridges are let pass where the firewall of the host drops them. Absent: "auto".',
    ),
  dhcpClient: z
    .enum(['udhcpc', 'dhclient', 'dhcpcd'], 'expected "udhcpc", "dhclient" or "dhcpcd"')
    .describe('DHCP client for rules that name none.'),
});

/** Configuration of the attach runtime. */
export type AttachConfig = z.output<typeof configSchema>;

/** Parse the configuration; every problem is listed with its path. */
export function parseConfig(text: string, file = RUNTIME_CONFIG_FILE): AttachConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw usageError('runtime-config-invalid', `${file} is not JSON`, [{ message }]);
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    throw usageError('runtime-config-invalid', `${file} is not valid`, parsed.error.issues.map(problemOf));
  }
  return parsed.data;
}

/** Read the configuration of the attach runtime. */
export async function readConfig(host: Host, file = RUNTIME_CONFIG_FILE): Promise<AttachConfig> {
  const text = await host.files.read(file);
  if (text === null) {
    throw refusal(
      'runtime-config-missing',
      `This host is not set up: there is no ${file}.`,
      [],
      '`bridge-setup` sets it up and writes this file.',
    );
  }
  return parseConfig(text, file);
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path.join('.');
  return path === '' ? { message: issue.message } : { path, message: issue.message };
}
