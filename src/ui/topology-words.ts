import type { HostAddress, LeaseView, PortView, RuntimeView, Topology } from '../model/topology/view.js';

/** What a person is told of a host that is not set up. */
export const NOT_SET_UP =
  'No bridge is set up here. `bridge-setup` does that; `bridge-setup rehearse` tries it on a throw-away copy first.';

/** What anybody but root is told. */
export const FOR_ROOT =
  'Not seen without root: containers, their leases, the firewall, the DHCP clients. `sudo bridge-setup status` shows them.';

/** How a port is called that no record tells about. */
export const NO_RECORD: Readonly<Partial<Record<PortView['state'], string>>> = {
  foreign: 'not made by bridge-setup',
  'not-seen': 'not seen without root',
};

/** Text of anybody's in one line: names of containers may hold what a terminal or a page would act on. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, '?');
}

/** Text that is cut to a number of characters, with a sign that it was. */
export function cut(text: string, length: number, sign = '…'): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - sign.length).join('')}${sign}`;
}

/** A span of time in two units at most: "45 s", "12 min", "3 h 5 min", "2 d 4 h". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  const [days, left] = [Math.floor(hours / 24), hours % 24];
  return left === 0 ? `${days} d` : `${days} d ${left} h`;
}

/** How an address came. */
export function originText(from: HostAddress['from'] | PortView['from'], client: string | null): string {
  if (from === 'dhcp') return client === null ? 'DHCP' : `DHCP (${client})`;
  if (from === 'none') return 'without an address';
  return { static: 'static', 'router-advertisement': 'by router advertisement', unknown: '' }[from];
}

/** How the address of a port came, or why it has none. */
export function portText({ state, from, client, ipv6 }: PortView): string {
  const record = NO_RECORD[state];
  if (record !== undefined) return record;
  if (state === 'stopped') return 'its container is stopped';
  const origin = originText(from, client) + (ipv6 === 'slaac' ? ', IPv6 by router advertisement' : '');
  return state === 'waiting-for-lease' ? `asks by ${origin}` : origin;
}

/** What there is to say of a lease at a time. */
export function leaseText(lease: LeaseView, at: string): string {
  const { ageSeconds, seconds, since, renewed, renewsAt, expiresAt } = lease;
  const until = (time: string) => (Date.parse(time) - Date.parse(at)) / 1000;
  const ago = `${span(ageSeconds)} ago`;
  // It was got before the address was set, and renewed only after that.
  const isRenewed = Date.parse(renewed) > Date.parse(since);
  const given = isRenewed ? `leased ${span(-until(since))} ago, renewed ${ago}` : `leased ${ago}`;
  if (renewsAt === null || expiresAt === null) return `${given}, without end`;
  const [renewal, expiry] = [until(renewsAt), until(expiresAt)];
  const next = renewal > 0 ? `renews in ${span(renewal)}` : 'renewal is due';
  const end = expiry > 0 ? `expires in ${span(expiry)}` : `expired ${span(-expiry)} ago`;
  return `${given} for ${span(seconds)}; ${next}, ${end}`;
}

/** The line about Docker and the attach runtime. */
export function servicesText({ docker, runtime, at }: Pick<Topology, 'docker' | 'runtime' | 'at'>): string {
  const engine = docker.reachable
    ? `Docker ${oneLine(docker.version ?? '')}`
    : docker.denied
      ? 'Docker not seen without root'
      : 'Docker does not answer';
  return `${engine}; ${runtimeText(runtime, at)}`;
}

function runtimeText({ running, ready, since, service }: RuntimeView, at: string): string {
  if (running === null) return 'attach runtime not seen without root';
  if (running) {
    const time = since === null ? '' : ` for ${span((Date.parse(at) - Date.parse(since)) / 1000)}`;
    return ready ? `attach runtime ready${time}` : 'attach runtime is starting';
  }
  return service === null
    ? 'attach runtime not installed as a service'
    : `attach runtime does not run (${oneLine(service)})`;
}

/** All that is marked, as a number. */
export function countTroubles({ troubles, bridges, direct, unattached }: Topology): number {
  const ports = [...bridges.flatMap((bridge) => bridge.ports), ...direct];
  return (
    troubles.length +
    unattached.length +
    bridges.reduce((sum, bridge) => sum + bridge.troubles.length, 0) +
    ports.filter(({ trouble }) => trouble !== null).length
  );
}
