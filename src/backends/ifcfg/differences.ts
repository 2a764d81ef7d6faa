import type { HostFacts, Link } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { linkNamed } from '../../model/links.js';
import { bridgeDown, bridgeNotThere, error, warning } from '../difference.js';
import { fixedAddresses } from './address.js';
import { compareNetwork } from './compare.js';
import { aliasesOf, type Config, configOf, configsOf, type NetworkScripts, readScripts } from './files.js';
import { gatewayProblem } from './live.js';
import { bridgePath } from './move.js';
import { managerOf } from './network-manager.js';
import { movedFiles, namesOnBridge } from './routes.js';
import { isFalse } from './settings.js';
import { variable } from './shell.js';

/**
 * A dry parse of the files against the network: where the next boot would make another one of it. Nothing on a host
 * that has no such bridge, neither in the files nor there.
 */
export function differences(facts: HostFacts, bridge: string): Finding[] {
  // Files that nothing reads at boot say nothing about the next one.
  const isRead = facts.managers.some(({ name, active }) => name === 'ifcfg' && active);
  if (!isRead && managerOf(facts, bridge) === null) return [];
  const scripts = readScripts(facts.files, facts.links);
  const config = configOf(scripts, bridge);
  const ports = scripts.configs.filter(({ file }) => variable(file, 'BRIDGE') === bridge);
  const link = linkNamed(facts, bridge);
  if (config === null && ports.length === 0) return link === null ? [] : notInFiles(facts, scripts, link);
  const found = [
    ...(config === null ? [] : ownFile(scripts, config, bridge)),
    ...ports.flatMap((port) => portFile(scripts, port, bridge)),
  ];
  if (link === null || link.kind !== 'bridge') {
    const path = config?.path ?? ports[0]?.path ?? bridgePath(bridge);
    return [...found, bridgeNotThere(bridge, link, path)];
  }
  if (!link.up) found.push(bridgeDown(bridge));
  return [...found, ...compareNetwork({ facts, scripts, config, ports, link })];
}

/** The bridge of a host whose NIC the network scripts configure, and the bridge not. */
function notInFiles(facts: HostFacts, scripts: NetworkScripts, bridge: Link): Finding[] {
  const ports = facts.links.filter(({ master }) => master === bridge.name).map(({ name }) => name);
  const config = scripts.configs.find(({ device }) => ports.includes(device));
  if (bridge.kind !== 'bridge' || config === undefined) return [];
  return [
    error(
      'bridge-not-in-files',
      `${config.device} is the port of ${bridge.name}, but no file makes this bridge: at the next boot ${config.path} counts.`,
      'Run bridge-setup again, or put the file back that made the bridge.',
    ),
  ];
}

/** What the scripts cannot read, or pass over. */
function common(scripts: NetworkScripts, { path, device, file }: Config): Finding[] {
  const found = file.lines.flatMap(({ number, problem }) =>
    problem === null
      ? []
      : [
          warning(
            'ifcfg-unreadable',
            `${path}, line ${number}: ${problem.message}. It was not compared.`,
            'Write plain NAME=value lines.',
          ),
        ],
  );
  if (isFalse(variable(file, 'ONBOOT'))) {
    const what = `${path} has ONBOOT=${variable(file, 'ONBOOT')}: ${device} does not come up at boot.`;
    found.push(error('bridge-not-at-boot', what, 'Write ONBOOT=yes there.'));
  }
  const others = configsOf(scripts, device).filter((other) => other.path !== path);
  for (const other of others) {
    const what = `${other.path} configures ${device} as well as ${path}, and both are brought up.`;
    found.push(error('configured-twice', what, `Move a backup out of the folder: mv ${other.path} /root/.`));
  }
  return found;
}

function ownFile(scripts: NetworkScripts, config: Config, bridge: string): Finding[] {
  const { path, file } = config;
  const found = common(scripts, config);
  const type = variable(file, 'TYPE');
  if (type !== 'Bridge') {
    const what = `${path} has ${type === '' ? 'no TYPE' : `TYPE=${type}`}, so ifup makes no bridge of it.`;
    found.push(error('type-not-bridge', what, 'Write TYPE=Bridge there; the capital letter counts.'));
  }
  if (variable(file, 'HWADDR') !== '') {
    const what = `HWADDR in ${path} makes udev give the NIC the name ${bridge} at the next boot.`;
    found.push(error('bridge-has-hwaddr', what, 'Write MACADDR instead of HWADDR there.'));
  }
  const problem = gatewayProblem(scripts, config, bridge);
  if (problem !== null) {
    found.push(error('gateway-ignored', problem, 'Correct the gateway, the address or that setting.'));
  }
  return found;
}

/** What is about addresses is ignored in the file of a port, and so are files with its name. */
function portFile(scripts: NetworkScripts, port: Config, bridge: string): Finding[] {
  const { path, device, file } = port;
  const found = common(scripts, port);
  for (const { suffix, address } of fixedAddresses(file)) {
    const what = `IPADDR${suffix}=${address} in ${path} is ignored, since ${device} is a port of ${bridge}.`;
    found.push(warning('setting-ignored', what, `Move it to ${bridgePath(bridge)}, or remove it.`));
  }
  const left = [
    ...aliasesOf(scripts, device).map((alias) => alias.path),
    ...movedFiles(scripts, port, namesOnBridge(scripts, device, bridge)).map(({ from }) => from),
  ];
  for (const each of left) {
    const what = `${each} is ignored, since ${device} is a port of ${bridge}.`;
    found.push(warning('file-ignored', what, `Give it the name of ${bridge}, or remove it.`));
  }
  return found;
}
