import type { HostFacts, NetworkManager } from '../../model/facts.js';
import type { Backend, Detection } from '../backend.js';
import { activation } from './activate.js';
import { convert } from './convert.js';
import { differences } from './differences.js';
import { configOf, readScripts } from './files.js';
import { managerOf } from './network-manager.js';

/** Before somebody's only way into a host is changed, they know. */
const UNTRIED =
  'This was tried with the network scripts of RHEL 7, but not on a RHEL host yet. What has to answer before has to answer after, or the change is taken back; have another way in all the same.';

/** Of what else it looks after. */
const RESTARTED =
  'NetworkManager is stopped, and started again on the changed network, which stays up meanwhile. What else it looks after stays up, too, but Wi-Fi and VPNs are connected anew.';

/** ifcfg files with the network scripts: initscripts 9.49 of RHEL 7 and its kin, network-scripts of RHEL 8. */
export const ifcfg: Backend = {
  id: 'ifcfg',
  title: 'The network scripts of RHEL 7 (ifcfg files)',

  detect(facts, uplink): Detection {
    const config = configOf(readScripts(facts.files, facts.links), uplink);
    if (config === null) {
      return {
        applies: false,
        reason: `No ifcfg file in /etc/sysconfig/network-scripts configures ${uplink}.`,
      };
    }
    const other = facts.managers.find(
      ({ name, active, links }) =>
        active && links.includes(uplink) && !['ifcfg', 'cloud-init', 'NetworkManager'].includes(name),
    );
    if (other !== undefined) {
      return {
        applies: false,
        reason: `${config.path} configures ${uplink}, but ${other.name} has it in its hands.`,
      };
    }
    const manager = managerOf(facts, uplink);
    if (manager !== null) return byNetworkManager(manager, config.path, uplink);
    if (!facts.managers.some(({ name, active }) => name === 'ifcfg' && active)) {
      return {
        applies: false,
        reason: `${config.path} configures ${uplink}, but no network service is there, or none starts at boot, that reads it.`,
      };
    }
    return { applies: true, reason: `${config.path} configures ${uplink}, and nothing else claims it.` };
  },

  plan(facts, spec) {
    const conversion = convert(facts.files, spec, facts);
    const isManaged = managerOf(facts, spec.uplink) !== null;
    const known = [UNTRIED, ...(isManaged ? [RESTARTED] : [])];
    return {
      // NetworkManager makes bridges by itself.
      programs: isManaged ? [] : programs(facts.distro, spec.bridge.stp),
      steps: activation(conversion, spec, facts),
      notes:
        Object.keys(conversion.changed).length === 0 ? conversion.notes : [...known, ...conversion.notes],
      risks: conversion.risks,
    };
  },

  differences,
};

/** Only where it goes by that very file does it know of a change there. */
function byNetworkManager({ profiles }: NetworkManager, path: string, uplink: string): Detection {
  const profile = profiles?.[uplink];
  if (profile === path) {
    return { applies: true, reason: `${path} configures ${uplink}, by NetworkManager.` };
  }
  const instead = profile === undefined || profile === '' ? 'by a profile that has no file' : `by ${profile}`;
  return {
    applies: false,
    reason: `${path} configures ${uplink}, but NetworkManager has it in its hands ${instead}. To leave ${uplink} to the network service, write NM_CONTROLLED=no into that file and boot anew: told at once, NetworkManager may take the address away.`,
  };
}

/**
 * What ifup-eth itself calls. Since RHEL 8, which has no bridge-utils, that is ip(8) for bridges. A true spanning tree is
 * timed with bc.
 */
function programs({ versionId }: HostFacts['distro'], stp: boolean): string[] {
  const withBrctl = !(Number.parseInt(versionId, 10) >= 8);
  return [...(withBrctl ? ['brctl'] : []), ...(stp ? ['bc'] : [])];
}
