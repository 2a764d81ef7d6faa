import type { BridgeSpec } from '../../model/spec.js';
import { render } from '../../templates.js';
import { forwardDelay } from '../forward-delay.js';
import { addressed } from './address.js';
import { aliasesOf, type Config, configOf, type NetworkScripts } from './files.js';
import { atBoot, bridgePath, type Rewrite } from './move.js';
import { parse } from './parse.js';
import { movedFiles, namesOnBridge } from './routes.js';
import { divide, print, variable, withValue } from './shell.js';

/** A bridge that has the uplink as its port already: only what differs from what is wanted is written anew. */
export function adoptBridge(scripts: NetworkScripts, port: Config, spec: BridgeSpec): Rewrite {
  const { uplink, bridge } = spec;
  const config = configOf(scripts, bridge.name);
  const texts = new Map<string, string | null>();
  const notes: string[] = [];

  const before = config === null ? bridgeFile(spec) : print(config.file);
  const { text, notes: dropped } = addressed(adjusted(before, spec), spec.address);
  const own = atBoot(text, bridge.name);
  texts.set(config?.path ?? bridgePath(bridge.name), own.text);
  notes.push(...dropped, ...own.notes);

  // Ignored without a word, and misleading.
  const { kept, taken } = divide(port.file, (name) => /^(IPADDR|PREFIX|NETMASK|GATEWAY)\d*$/.test(name));
  notes.push(...taken.map((line) => `"${line.trim()}" is dropped: ${uplink} is a port, and it was ignored.`));
  const plugged = atBoot(kept, uplink);
  texts.set(port.path, plugged.text);
  notes.push(...plugged.notes);

  const names = namesOnBridge(scripts, uplink, bridge.name);
  const left = [
    ...aliasesOf(scripts, uplink).map(({ path }) => path),
    ...movedFiles(scripts, port, names).map(({ from }) => from),
  ];
  notes.push(...left.map((path) => `${path} is ignored, since ${uplink} is a port.`));
  return { texts, like: { [bridgePath(bridge.name)]: port.path }, notes, risks: [] };
}

/** BRIDGE= alone makes a bridge too, without an address. */
function bridgeFile(spec: BridgeSpec): string {
  const { name, stp, mac } = spec.bridge;
  return render('ifcfg/bridge.ejs', {
    bridge: name,
    stp,
    forwardDelay: forwardDelay(spec),
    mac,
    uuid: '',
    moved: [],
  });
}

/** The words are case-sensitive, and STP=true is off: ifup-eth, brctl(8). */
function adjusted(text: string, spec: BridgeSpec): string {
  const { name, stp, mac } = spec.bridge;
  const delay = forwardDelay(spec);
  let after = text;
  const wanted = (key: string, value: string, isRight: (present: string) => boolean) => {
    const file = parse(after);
    if (!isRight(variable(file, key))) after = withValue(after, file, key, value);
  };
  wanted('DEVICE', name, (present) => present === name);
  wanted('TYPE', 'Bridge', (present) => present === 'Bridge');
  wanted('STP', stp ? 'yes' : 'no', (present) => (stp ? isOn(present) : /^(no|off|0)$/.test(present)));
  wanted('DELAY', String(delay), (present) => present !== '' && Number(present) === delay);
  wanted('MACADDR', mac, (present) => mac === '' || present.toLowerCase() === mac);
  return after;
}

/** Words that brctl(8) takes for "on". */
export function isOn(stp: string): boolean {
  return /^(yes|on|1)$/.test(stp);
}
