const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The host's network as it is now: addresses of eth0 and br0, default routes, name servers, DHCP clients. */
export async function network(copy) {
  const json = async (...argv) => JSON.parse((await copy.sandbox.run(['ip', '-j', ...argv])).stdout || '[]');
  const links = (await json('address', 'show')).filter(({ ifname }) => ['eth0', 'br0'].includes(ifname));
  const addresses = (family, scope) =>
    links.flatMap(({ addr_info }) =>
      addr_info
        .filter((info) => info.family === family && info.scope === scope && !info.tentative)
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    );
  const gateways = async (flag) =>
    (await json(flag, 'route', 'show', 'default')).map(({ gateway, protocol }) =>
      protocol === 'ra' ? `${gateway} (ra)` : gateway,
    );
  const processes = (await copy.sandbox.run(['ps', '-e', '-o', 'args='])).stdout;
  const clients = [...processes.matchAll(/^\S*(dhclient|udhcpc|dhcpcd)\b.*\b(eth0|br0)\b/gm)];
  return {
    v4: addresses('inet', 'global').sort(),
    v6: addresses('inet6', 'global').sort(),
    linkLocal: addresses('inet6', 'link').sort(),
    gateway4: await gateways('-4'),
    gateway6: await gateways('-6'),
    nameservers: ((await copy.sandbox.read('/etc/resolv.conf')) ?? '').match(/(?<=^nameserver )\S+/gm) ?? [],
    clients: [...new Set(clients.map(([, client]) => client))].sort(),
  };
}

/** Wait until the host has addresses and default routes of both families. */
export async function configured(copy, withinMs = 20_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const now = await network(copy);
    const missing = ['v4', 'v6', 'linkLocal', 'gateway4', 'gateway6'].filter(
      (what) => now[what].length === 0,
    );
    if (missing.length === 0) return now;
    if (Date.now() > deadline)
      throw new Error(`the copy has no ${missing.join(', ')}: ${JSON.stringify(now)}`);
    await sleep(100);
  }
}

/** Names of what differs between two networks. */
export const differences = (before, after) =>
  Object.keys(before).filter((what) => JSON.stringify(before[what]) !== JSON.stringify(after[what]));
