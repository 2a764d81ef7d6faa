import type { HostFacts } from '../../model/facts.js';
import { inSubnet } from '../../model/ipv4.js';
import type { BridgeSpec } from '../../model/spec.js';
import { parseQuad } from '../netmask.js';
import { keptGateway, type Wanted } from '../wanted.js';
import { fixedAddresses, isLeased } from './address.js';
import { type Config, configOf, type NetworkScripts, setting } from './files.js';
import { assignmentsOf } from './shell.js';

/** The live network that the converted files will make. */
export function wantedNetwork(after: NetworkScripts, spec: BridgeSpec, facts: HostFacts): Wanted {
  const config = configOf(after, spec.bridge.name);
  const dhcp = config !== null && isLeased(config.file);
  const [fixed] = config === null ? [] : fixedAddresses(config.file);
  return {
    address: fixed?.text ?? null,
    gateway: wantedGateway(after, config, spec, facts),
    ipv4: dhcp || fixed !== undefined,
    dhcp,
  };
}

function wantedGateway(
  after: NetworkScripts,
  config: Config | null,
  spec: BridgeSpec,
  facts: HostFacts,
): string | null {
  const configured = config === null ? null : effectiveGateway(after, config, spec.bridge.name);
  return spec.address.method === 'keep'
    ? keptGateway(configured, spec, facts)
    : (configured ?? keptGateway(null, spec, facts));
}

/** The gateway that ifup-eth sets beside a static address; `null` when it sets none. */
export function effectiveGateway(scripts: NetworkScripts, config: Config, device: string): string | null {
  if (isLeased(config.file) || gatewayProblem(scripts, config, device) !== null) return null;
  return setting(scripts, config, 'GATEWAY') || null;
}

/** Why ifup-eth leaves a gateway out without a word; `null` when it does not. */
export function gatewayProblem(scripts: NetworkScripts, config: Config, device: string): string | null {
  const [first] = fixedAddresses(config.file);
  if (first?.text == null) return null;
  const gateway = setting(scripts, config, 'GATEWAY');
  const numbered = assignmentsOf(config.file).find(({ name, value }) => /^GATEWAY\d+$/.test(name) && value);
  const named = gateway === '' ? numbered : { name: 'GATEWAY', value: gateway };
  if (named === undefined) return null;
  const left = (why: string) =>
    `${named.name}=${named.value} has no effect, and ifup says nothing about it: ${why} (${config.path}).`;
  if (gateway === '') return left('only GATEWAY, without a number, counts');
  if (setting(scripts, config, 'DEFROUTE') === 'no') return left('DEFROUTE is "no"');
  const through = setting(scripts, config, 'GATEWAYDEV');
  if (through !== '' && through !== device) return left(`GATEWAYDEV is "${through}"`);
  if (parseQuad(gateway) === null) return left('it is no IPv4 address');
  const subnet = first.text;
  if (!inSubnet(gateway, subnet)) return left(`it is outside the subnet of ${subnet}`);
  const network = setting(scripts, config, 'NETWORK');
  const fits = network === '' || (parseQuad(network) !== null && networkOf(subnet) === network);
  return fits ? null : left(`NETWORK=${network} is not the network of ${subnet}`);
}

/** As `ipcalc --network` tells it. */
function networkOf(cidr: string): string {
  const [address = '', prefix = '32'] = cidr.split('/');
  return (parseQuad(address) ?? [])
    .map((octet, index) => {
      const bits = Math.min(8, Math.max(0, Number(prefix) - 8 * index));
      return octet & (256 - 2 ** (8 - bits));
    })
    .join('.');
}
