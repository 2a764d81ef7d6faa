import { linkNamed } from '../../model/links.js';
import type { Backend, Detection } from '../backend.js';
import { activation } from './activate.js';
import { convert } from './convert.js';
import { differences } from './differences.js';
import { bridgePorts, INTERFACES, readInterfaces } from './files.js';
import { forLink } from './logical.js';

/** Debian's /etc/network/interfaces with ifup and ifdown: ifupdown 0.8 and bridge-utils 1.7. */
export const ifupdown: Backend = {
  id: 'ifupdown',
  title: "Debian's /etc/network/interfaces",

  detect(facts, uplink): Detection {
    if (!Object.hasOwn(facts.files, INTERFACES)) {
      return { applies: false, reason: `There is no ${INTERFACES}.` };
    }
    const link = { name: uplink, mac: linkNamed(facts, uplink)?.mac ?? null };
    const { ifaces } = forLink(readInterfaces(facts.files), link);
    const stanza = ifaces.find((iface) => iface.name === uplink || bridgePorts(iface)?.includes(uplink));
    if (stanza === undefined) {
      return { applies: false, reason: `${INTERFACES} has no stanza for ${uplink}.` };
    }
    // cloud-init only writes the files of others.
    const other = facts.managers.find(
      ({ name, active, links }) =>
        active && links.includes(uplink) && name !== 'ifupdown' && name !== 'cloud-init',
    );
    if (other !== undefined) {
      return {
        applies: false,
        reason: `${stanza.path} has a stanza for ${uplink}, but ${other.name} is active and claims it too.`,
      };
    }
    return {
      applies: true,
      reason: `"${stanza.line.text}" stands in ${stanza.path}, and nothing else claims ${uplink}.`,
    };
  },

  plan(facts, spec) {
    const conversion = convert(facts.files, spec, facts);
    return {
      programs: ['brctl'],
      steps: activation(conversion, spec, facts),
      notes: conversion.notes,
      risks: conversion.risks,
    };
  },

  differences,
};
