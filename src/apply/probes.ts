import { z } from 'zod';
import type { Host } from '../host/host.js';
import { parseIpJson } from '../host/ip-json.js';
import type { Probe } from '../model/probe.js';

const DNS_TIMEOUT_MS = 2000;
/** The kernel asks three times, a second apart (ip-sysctl, `ucast_solicit`). */
const NEIGHBOUR_TIMEOUT_MS = 4000;
const NEIGHBOUR_POLL_MS = 20;

/** Ask all at once. @returns those that pass */
export async function passingProbes(host: Host, probes: readonly Probe[]): Promise<Probe[]> {
  const answers = await Promise.all(probes.map((probe) => passes(host, probe)));
  return probes.filter((_, index) => answers[index]);
}

/** Ask all at once. @returns those that do not pass */
export async function silentProbes(host: Host, probes: readonly Probe[]): Promise<Probe[]> {
  const passing = await passingProbes(host, probes);
  return probes.filter((probe) => !passing.includes(probe));
}

function passes(host: Host, { how, address }: Probe): Promise<boolean> {
  switch (how) {
    case 'ping':
      return answersPing(host, address);
    case 'neighbour':
      return answersNeighbour(host, address);
    case 'dns':
      return host.dns.answers(address, DNS_TIMEOUT_MS);
  }
}

/** Two pings, the second only when the first is lost; each waits for one second (ping(8)). */
async function answersPing(host: Host, address: string): Promise<boolean> {
  const target = await scoped(host, address);
  for (let count = 0; count < 2; count++) {
    const argv = ['ping', '-n', '-c', '1', '-W', '1', target];
    if ((await host.run(argv, { check: false, timeoutMs: 5000 })).exitCode === 0) return true;
  }
  return false;
}

const neighbour = z.looseObject({
  dst: z.string(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).default([]),
});
const route = z.looseObject({ dev: z.string().optional(), gateway: z.string().optional() });

/**
 * Make the kernel ask whether a neighbour is still there (ip-neighbour(8), `nud probe`). The entry is good for use all
 * the while, so nobody's packet waits for the answer.
 */
async function answersNeighbour(host: Host, address: string): Promise<boolean> {
  const link = await linkTo(host, address);
  if (link === null) return false;
  const entry = async () => {
    const shown = await host.run(['ip', '-json', 'neighbour', 'show', address, 'dev', link], {
      check: false,
    });
    return parseIpJson(shown.stdout, neighbour).find(({ dst }) => dst === address);
  };
  let known = await entry();
  if (known?.lladdr === undefined) {
    // Nothing was sent there lately. A ping makes the kernel ask, also where it is not answered.
    await answersPing(host, address);
    known = await entry();
  }
  if (
    known?.lladdr === undefined ||
    known.state.some((state) => state === 'PERMANENT' || state === 'NOARP')
  ) {
    return false;
  }
  const probe = ['ip', 'neighbour', 'replace', address, 'lladdr', known.lladdr, 'dev', link, 'nud', 'probe'];
  if ((await host.run(probe, { check: false })).exitCode !== 0) return false;
  const deadline = host.clock.elapsed() + NEIGHBOUR_TIMEOUT_MS;
  while (host.clock.elapsed() < deadline) {
    const { state = ['FAILED'] } = (await entry()) ?? {};
    if (!state.includes('PROBE')) return !state.includes('FAILED') && !state.includes('INCOMPLETE');
    await host.clock.sleep(NEIGHBOUR_POLL_MS);
  }
  return false;
}

const isLinkLocal = (address: string) => /^fe[89ab]/i.test(address);

/** A link-local address says nothing without its link. */
async function scoped(host: Host, address: string): Promise<string> {
  const link = isLinkLocal(address) ? await linkTo(host, address) : null;
  return link === null ? address : `${address}%${link}`;
}

/** The link through which an address is reached now; `null` when none is. */
async function linkTo(host: Host, address: string): Promise<string | null> {
  if (!isLinkLocal(address)) {
    const shown = await host.run(['ip', '-json', 'route', 'get', address], { check: false });
    return parseIpJson(shown.stdout, route)[0]?.dev ?? null;
  }
  const shown = await host.run(['ip', '-json', '-6', 'route', 'show', 'default'], { check: false });
  return parseIpJson(shown.stdout, route).find(({ gateway }) => gateway === address)?.dev ?? null;
}
