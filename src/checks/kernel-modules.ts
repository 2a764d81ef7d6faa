import type { DoctorCheck } from './doctor-check.js';
import { error, warning } from './found.js';

/** Needed by rules that name a NIC only. */
const OPTIONAL = ['macvlan'];

/** The kernel can make what is needed. */
export const kernelModules: DoctorCheck = {
  id: 'kernel-modules',
  title: 'The kernel has the modules that are needed',
  group: 'host',
  looksAt: 'bridge, veth, af_packet and macvlan: loaded, built in, or there to be loaded.',
  cause:
    'The kernel was upgraded, and the modules of the one that still runs are gone; or it was built without them.',
  run: ({ doctor: { kernel } }) =>
    kernel.missingModules.map((name) =>
      (OPTIONAL.includes(name) ? warning : error)(
        'kernel-module-missing',
        `The kernel (${kernel.release}) has no module ${name}, and none to load.`,
        'Reboot into the kernel that is installed; if that lacks it, install its package of extra modules.',
      ),
    ),
};
