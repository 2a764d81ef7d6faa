const LAN = { namespace: 'lan' };

/**
 * Ask for an address from the LAN. Resolves when asking has begun; `at` is when the first answer came, in ms since
 * the epoch.
 * @param periodMs between two questions; each goes to every port of the bridge
 */
export async function firstAnswer(copy, address, periodMs = 1) {
  let answered;
  const first = new Promise((resolve) => (answered = resolve));
  const child = copy.sandbox.spawn(
    ['arping', '-i', 'lan0', '-W', String(periodMs / 1000), '-C', '1', '-c', '60000', address],
    { network: LAN, onLine: (line) => line.includes(' from ') && answered(Date.now()) },
  );
  void child.exited.then(() => answered(Number.NaN));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { at: first };
}

/** Between two questions for one of many addresses, ms: each goes to every port of the bridge. */
const PERIOD_MS = '20';

/** Ask for many addresses, again and again; `at` is when the last of them had answered. */
export async function allAnswer(copy, addresses) {
  const left = new Set(addresses);
  let done;
  const all = new Promise((resolve) => (done = resolve));
  // Their MAC addresses are not known yet: the kernel is to ask again soon, not after a second.
  const sysctl = '/proc/sys/net/ipv4/neigh/lan0';
  await copy.sandbox.run(
    ['sh', '-c', `echo ${PERIOD_MS} >${sysctl}/retrans_time_ms; echo 10000 >${sysctl}/mcast_solicit`],
    { network: LAN },
  );
  const child = copy.sandbox.spawn(
    ['stdbuf', '--output=L', 'fping', '-l', '-p', PERIOD_MS, '-t', PERIOD_MS, '-i', '0.2', ...addresses],
    {
      network: LAN,
      onLine: (line) => {
        if (!/bytes/.test(line)) return;
        left.delete(line.split(' ')[0]);
        if (left.size > 0) return;
        done(Date.now());
        child.kill('SIGINT');
      },
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { at: all };
}
