import type { Dns } from './facts.js';

/** Name servers and search domains from resolv.conf(5). */
export function parseResolvConf(text: string): Dns {
  const words = (keyword: string) =>
    text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([first]) => first === keyword)
      .map(([, ...rest]) => rest);
  return {
    nameservers: words('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    // The last search line counts.
    search: words('search').at(-1) ?? [],
  };
}
