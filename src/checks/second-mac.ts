import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** The LAN lets frames of a second MAC address through. */
export const secondMac: DoctorCheck = {
  id: 'second-mac',
  title: 'The LAN takes frames of a second MAC address',
  group: 'lan',
  needs: 'lan',
  on: 'set-up',
  looksAt:
    'Whether the gateway answers an ARP probe from a link of the bridge with a MAC address of its own, and one from the bridge itself.',
  cause:
    'A hypervisor, a cloud or a switch with port security drops frames with a MAC address that it did not assign: the host is reached, its containers are not.',
  run: ({ doctor: { lan } }) =>
    lan?.secondMac === 'own'
      ? [
          error(
            'second-mac-dropped',
            'The gateway answers the MAC address of this host, and not a second one: containers are not reached from the LAN.',
            'Allow it where frames pass: VMware: forged transmits and promiscuous mode; Hyper-V: MAC address spoofing; VirtualBox: promiscuous mode "allow all"; KVM: no MAC filter (Proxmox VE: firewall options of the guest; libvirt: `filterref`); a switch: port security. Clouds do not allow it.',
          ),
        ]
      : [],
};
