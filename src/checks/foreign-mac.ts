import type { Check } from './check.js';

interface Hypervisor {
  readonly pattern: RegExp;
  readonly name: string;
  readonly remedy: string;
  /** By default it lets them through. */
  readonly onlyFiltered?: boolean;
}

/** Cloud, manufacturer or model as the firmware tells, and the setting that lets a second MAC address through. */
const HYPERVISORS: readonly Hypervisor[] = [
  {
    pattern: /vmware/i,
    name: 'VMware',
    remedy:
      'Set "Forged transmits" and "Promiscuous mode" of the port group to Accept; a distributed switch has "MAC learning" instead of the latter.',
  },
  {
    pattern: /^Azure/,
    name: 'Azure',
    remedy:
      'No setting lets them through: its network is routed. Give containers secondary IP configurations of the network interface, routed by the host.',
  },
  {
    pattern: /microsoft/i,
    name: 'Hyper-V',
    remedy:
      'Turn on "Enable MAC address spoofing" in the advanced features of the virtual NIC (`Set-VMNetworkAdapter -MacAddressSpoofing On`).',
  },
  {
    pattern: /virtualbox|innotek/i,
    name: 'VirtualBox',
    remedy: 'Set the adapter to "Bridged" and its promiscuous mode to "Allow all".',
  },
  {
    pattern: /amazon/i,
    name: 'Amazon EC2',
    remedy:
      'No setting lets them through: turning off "Source/destination check" concerns IP addresses only. Give containers secondary addresses of the interface, routed by the host.',
  },
  {
    pattern: /google/i,
    name: 'Google Cloud',
    remedy:
      'No setting lets them through: its network is routed. Give containers an alias IP range of the virtual NIC, routed by the host.',
  },
  {
    pattern: /digitalocean|hetzner|openstack/i,
    name: 'a cloud',
    remedy:
      'Clouds drop frames of MAC addresses that they did not assign (OpenStack: turn "port security" off, or name the addresses in "allowed address pairs"); else use a routed network.',
  },
  {
    pattern: /qemu|kvm|red hat|rhev|ovirt/i,
    name: 'KVM',
    onlyFiltered: true,
    remedy:
      'Proxmox VE: switch off "MAC filter" in the firewall options of the guest, or the firewall of its network device. libvirt: take a `filterref` (clean-traffic, no-mac-spoofing) out of the interface; one of type "direct" (macvtap) needs `trustGuestRxFilters="yes"`, or better a bridge.',
  },
];

/**
 * A hypervisor or cloud that drops frames with a MAC address it does not know. Told, not refused: it may be set right,
 * and the plan probes whether it is (plan/second-mac-probe.ts).
 */
export const foreignMac: Check = {
  id: 'foreign-mac',
  title: 'Frames with a second MAC address get through',
  group: 'lan',
  looksAt: 'What the firmware says of the machine: a hypervisor or a cloud.',
  cause:
    'A virtual switch knows the MAC address of each virtual NIC, and drops frames with another one unless it is told not to.',
  run: ({ facts }) => {
    const { virtual, cloud = '', manufacturer, model } = facts.machine;
    const found = virtual
      ? HYPERVISORS.find(({ pattern }) => pattern.test(`${cloud} ${manufacturer} ${model}`.trim()))
      : undefined;
    return found === undefined
      ? []
      : [
          {
            check: 'foreign-mac',
            severity: found.onlyFiltered ? 'info' : 'warning',
            message: `This machine runs on ${found.name}, which ${found.onlyFiltered ? 'drops frames of containers where it was told to filter' : 'by default drops frames of containers'}.`,
            remedy: found.remedy,
          },
        ];
  },
};
