/** Prefix length of the old address classes (RFC 791), which tools take without a netmask. */
export function classPrefix(address: string): number {
  const first = Number(address.split('.')[0]);
  if (first <= 127) return 8;
  if (first <= 191) return 16;
  return first <= 223 ? 24 : 32;
}

/** Prefix length of a netmask, or of a number; `null` when it is neither. */
export function prefixLength(mask: string): number | null {
  if (/^\d+$/.test(mask)) return Number(mask) <= 32 ? Number(mask) : null;
  const bits = parseQuad(mask)
    ?.map((octet) => octet.toString(2).padStart(8, '0'))
    .join('');
  return bits === undefined || !/^1*0*$/.test(bits) ? null : bits.replaceAll('0', '').length;
}

/** The four octets of an IPv4 address; `null` when it is none. */
export function parseQuad(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}
