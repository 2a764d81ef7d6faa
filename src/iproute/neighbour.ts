/** A neighbour as `ip neighbour show dev LINK` prints it, as far as it is known. */
interface IpNeighbour {
  readonly address: string;
  readonly mac: string;
  /** Given by hand: it does not end. */
  readonly permanent: boolean;
}

/** Parse the lines of `ip neighbour show dev LINK`; those whose MAC address is not known are left out. */
function parseIpNeighbours(text: string): IpNeighbour[] {
  return text.split('\n').flatMap((line) => {
    const [, address = '', mac = '', state = ''] =
      /^(\S+) lladdr (\S+) .*?([A-Z]+)\s*$/.exec(line.trim()) ?? [];
    return address === '' ? [] : [{ address, mac, permanent: state === 'PERMANENT' || state === 'NOARP' }];
  });
}

/**
 * Lines that make the neighbours of a link those of another one, known to be there: otherwise the first packet of each
 * conversation is lost, or waits for a second.
 * @param shown what `ip neighbour show dev LINK` printed
 * @param proxied what `ip neighbour show proxy dev LINK` printed: addresses that the host answers for
 */
export function neighbourLines(shown: string, proxied: string, to: string): string[] {
  const known = parseIpNeighbours(shown).map(
    ({ address, mac, permanent }) =>
      `neighbour replace ${address} lladdr ${mac} dev ${to} nud ${permanent ? 'permanent' : 'reachable'}`,
  );
  const proxies = proxied.split('\n').flatMap((line) => {
    const [address = '', ...words] = line.trim().split(/\s+/);
    return words.includes('proxy') ? [`neighbour replace proxy ${address} dev ${to}`] : [];
  });
  return [...known, ...proxies];
}
