import type { Check } from './check.js';

/** Manufacturer or model as the firmware tells, and the setting that lets a second MAC address through. */
const HYPERVISORS: readonly { readonly pattern: RegExp; readonly name: string; readonly remedy: string }[] = [
  {
    pattern: /vmware/i,
    name: 'VMware',
    remedy:
      'Set "Forged transmits" and "Promiscuous mode" of the port group to Accept; a distributed switch has "MAC learning" instead of the latter.',
  },
  {
    pattern: /microsoft/i,
    name: 'Hyper-V',
    remedy:
      'Turn on "MAC address spoofing" for the virtual NIC (Azure has no such setting: containers cannot join its network this way).',
  },
  {
    pattern: /virtualbox|innotek/i,
    name: 'VirtualBox',
    remedy: 'Set the adapter to "Bridged" and its promiscuous mode to "Allow all".',
  },
  {
    pattern: /amazon|google|digitalocean|hetzner|openstack/i,
    name: 'a cloud',
    remedy: 'Clouds drop frames of MAC addresses that they did not assign; use a routed network there.',
  },
];

/**
 * A hypervisor or cloud that drops frames with a MAC address it does not know. Told, not refused: it may be set right,
 * and the plan probes whether it is (plan/second-mac-probe.ts).
 */
export const foreignMac: Check = {
  id: 'foreign-mac',
  title: 'Frames with a second MAC address get through',
  run: ({ facts }) => {
    const { virtual, manufacturer, model } = facts.machine;
    const found = virtual
      ? HYPERVISORS.find(({ pattern }) => pattern.test(`${manufacturer} ${model}`))
      : undefined;
    return found === undefined
      ? []
      : [
          {
            check: 'foreign-mac',
            severity: 'warning',
            message: `This machine runs on ${found.name}, which by default drops frames of containers.`,
            remedy: found.remedy,
          },
        ];
  },
};
