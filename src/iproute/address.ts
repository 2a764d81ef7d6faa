import { z } from 'zod';

/** Flags that an address is given (ip-address(8), CONFFLAG). */
const GIVEN_FLAGS = ['home', 'mngtmpaddr', 'nodad', 'noprefixroute', 'autojoin'] as const;
/** What the kernel says of an address by itself. */
const STATES = ['temporary', 'tentative', 'dadfailed', 'optimistic', 'stable-privacy'] as const;

export type AddressFlag = (typeof GIVEN_FLAGS)[number];
type AddressState = (typeof STATES)[number];

/** An address with all that makes it what it is (ip-address(8)). Lifetimes in seconds; `null`: for ever. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  /** The other end of a point-to-point link; the prefix is then that one's. */
  readonly peer: string | null;
  readonly scope: string;
  readonly broadcast: string | null;
  readonly label: string | null;
  readonly metric: number | null;
  /** Who made it; `null` where it was given by hand, or `ip` does not say. */
  readonly protocol: string | null;
  readonly flags: readonly AddressFlag[];
  readonly states: readonly AddressState[];
  readonly validSeconds: number | null;
  readonly preferredSeconds: number | null;
}

/** The kernel's word for "for ever" (INFINITY_LIFE_TIME, linux/if_addr.h). */
const FOR_EVER = 0xffffffff;

const lifetime = z
  .number()
  .default(FOR_EVER)
  .transform((seconds) => (seconds === FOR_EVER ? null : seconds));

/** An entry of `addr_info` in the JSON of `ip -json address`. */
export const addressEntry = z
  .looseObject({
    family: z.string(),
    local: z.string(),
    prefixlen: z.number(),
    scope: z.string(),
    address: z.string().optional(),
    broadcast: z.string().optional(),
    label: z.string().optional(),
    metric: z.number().optional(),
    protocol: z.string().optional(),
    valid_life_time: lifetime,
    preferred_life_time: lifetime,
  })
  .transform(
    (info): IpAddress => ({
      family: info.family === 'inet6' ? 6 : 4,
      address: info.local,
      prefix: info.prefixlen,
      peer: info.address ?? null,
      scope: info.scope,
      broadcast: info.broadcast ?? null,
      label: info.label ?? null,
      metric: info.metric ?? null,
      protocol: info.protocol ?? null,
      flags: GIVEN_FLAGS.filter((flag) => info[flag] === true),
      states: STATES.filter((state) => info[state] === true),
      validSeconds: info.valid_life_time,
      // One of IPv4 without an end has this flag only.
      preferredSeconds: info.deprecated === true ? 0 : info.preferred_life_time,
    }),
  );

/** The address as ip(8) takes it: `192.168.1.10/24`, or `10.0.0.2 peer 10.0.0.1/32`. It tells addresses of a link apart. */
export function localAddress({ address, prefix, peer }: IpAddress): string {
  return peer === null ? `${address}/${prefix}` : `${address} peer ${peer}/${prefix}`;
}

/** Whether two are the same address, maybe of different links. */
export const isSameAddress = (a: IpAddress, b: IpAddress): boolean => localAddress(a) === localAddress(b);

/** A privacy address (RFC 8981): the kernel makes it beside another one, and removes it with that one. */
export const isTemporary = ({ states }: IpAddress): boolean => states.includes('temporary');

/** Duplicate address detection has not come to its end, or has found another host. */
export const isTentative = ({ states }: IpAddress): boolean =>
  states.includes('tentative') || states.includes('dadfailed');

/** The lifetimes of an address, as words of ip-address(8); empty where both are for ever. */
export function lifetimeWords({ validSeconds, preferredSeconds }: IpAddress): string[] {
  if (validSeconds === null && preferredSeconds === null) return [];
  const valid = validSeconds ?? 'forever';
  const preferred =
    validSeconds === null ? preferredSeconds : Math.min(preferredSeconds ?? validSeconds, validSeconds);
  return ['valid_lft', String(valid), 'preferred_lft', String(preferred ?? 'forever')];
}

/**
 * A line of ip-address(8) that gives a link an address as another one has it.
 * @param flags instead of its own
 */
export function addAddressLine(
  address: IpAddress,
  from: string,
  to: string,
  flags: readonly string[] = address.flags,
): string {
  const { scope, broadcast, label, metric, protocol } = address;
  const words = ['address', 'add', localAddress(address)];
  if (broadcast !== null) words.push('broadcast', broadcast);
  words.push('dev', to, 'scope', scope);
  // An alias of interfaces(5), `eth0:0`.
  if (label?.startsWith(from)) words.push('label', `${to}${label.slice(from.length)}`);
  if (metric !== null) words.push('metric', String(metric));
  if (protocol !== null) words.push('proto', protocol);
  return [...words, ...lifetimeWords(address), ...flags].join(' ');
}

/**
 * A line of ip-address(8) that gives an address other lifetimes or flags. What a change does not name, the kernel takes
 * for empty: metric, protocol, flags.
 */
export function changeAddressLine(
  address: IpAddress,
  link: string,
  {
    lifetimes = lifetimeWords(address),
    flags = address.flags,
  }: { lifetimes?: readonly string[]; flags?: readonly string[] },
): string {
  const { metric, protocol } = address;
  const words = ['address', 'change', localAddress(address), 'dev', link];
  if (metric !== null) words.push('metric', String(metric));
  if (protocol !== null) words.push('proto', protocol);
  return [...words, ...lifetimes, ...flags].join(' ');
}
