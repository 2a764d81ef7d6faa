import { expect, it } from 'vitest';
import type { NetworkRoot } from '../../../src/model/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

const machine = (networkRoot: NetworkRoot | null) => ({
  machine: { virtual: false, manufacturer: '', model: '', networkRoot },
});

it.each<[NetworkRoot, string]>([
  [{ kind: 'nfs', detail: '192.168.1.5:/srv/root' }, 'NFS, 192.168.1.5:/srv/root'],
  [{ kind: 'cifs', detail: '//files/root' }, 'SMB, //files/root'],
  [{ kind: 'iscsi', detail: '/dev/sda1' }, 'iSCSI, /dev/sda1'],
  [{ kind: 'nbd', detail: '/dev/nbd0' }, 'a network block device, /dev/nbd0'],
])('root-over-network is said of %j', (root, words) => {
  const finding = onlyFinding(machine(root));
  expect(finding).toMatchObject({ check: 'root-over-network', severity: 'error' });
  expect(finding.message).toContain(words);
  expect(finding.remedy).toBeTruthy();
});

it('is not said of a root file system on this machine', () => {
  expect(ids(machine(null))).toEqual([]);
});
