import { describe, expect, it } from 'vitest';
import { dropAddresses } from '../../../../src/apply/live/addresses.js';
import { FakeHost } from '../../support/fake-host.js';

const ADDRESS = '2001:db8::10';
const STAGED = ['nodad', 'noprefixroute'];

/**
 * Two links with the same address of IPv6, each with flags of its own; what `ip -batch` was given is in `commands`.
 * @param more of the address, as `ip -json` prints it
 */
function hostWith(flags: Readonly<Record<string, readonly string[]>>, more: object = {}): FakeHost {
  const host = new FakeHost();
  const gone = new Set<string>();
  host.script = ([program, ...words], options) => {
    const link = words.at(-1) ?? '';
    if (words.includes('-batch')) {
      for (const [, name = ''] of (options?.input ?? '').matchAll(/^address del .* dev (\S+)$/gm))
        gone.add(name);
    }
    if (program !== 'ip' || !words.includes('address') || !words.includes('show')) return {};
    const own = (flags[link] ?? []).map((flag) => [flag, true]);
    const info = {
      family: 'inet6',
      local: ADDRESS,
      prefixlen: 64,
      scope: 'global',
      ...more,
      ...Object.fromEntries(own),
    };
    const entry = { ifname: link, mtu: 1500, flags: ['UP'], addr_info: gone.has(link) ? [] : [info] };
    return { stdout: JSON.stringify([entry]) };
  };
  return host;
}

const changes = ({ commands }: FakeHost) =>
  commands.flatMap(({ input }) =>
    (input ?? '').split('\n').filter((line) => line.startsWith('address change')),
  );

describe('dropAddresses', () => {
  it('gives the copy that stays the flags of the address that goes', async () => {
    for (const own of [[], ['noprefixroute'], ['nodad'], ['mngtmpaddr', ...STAGED]]) {
      const host = hostWith({ eth0: own, br0: STAGED });
      await dropAddresses({ kind: 'drop-addresses', link: 'eth0', heldBy: 'br0' }, host);
      expect(changes(host)).toEqual([[`address change ${ADDRESS}/64 dev br0`, ...own].join(' ')]);
    }
  });

  it('keeps who gave the address, and its metric, of which a change that is silent would take both', async () => {
    const host = hostWith({ eth0: [], br0: STAGED }, { protocol: 'kernel_ra', metric: 300 });
    await dropAddresses({ kind: 'drop-addresses', link: 'eth0', heldBy: 'br0' }, host);
    expect(changes(host)).toEqual([`address change ${ADDRESS}/64 dev br0 metric 300 proto kernel_ra`]);
  });

  it('leaves the flags of the address that stays where the copy goes, as after a change that was cut half way', async () => {
    for (const own of [[], ['noprefixroute'], ['nodad'], STAGED, ['mngtmpaddr', ...STAGED]]) {
      const host = hostWith({ eth0: own, br0: STAGED });
      await dropAddresses({ kind: 'drop-addresses', link: 'br0', heldBy: 'eth0' }, host);
      expect(changes(host)).toEqual([]);
    }
  });
});
