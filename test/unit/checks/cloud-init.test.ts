import { describe, expect, it } from 'vitest';
import { files } from '../support/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

const FRAGMENT = '/etc/network/interfaces.d/50-cloud-init';
const HOST = { files: files({ [FRAGMENT]: 'auto eth0\niface eth0 inet dhcp\n' }) };

describe('cloud-init-rewrites', () => {
  it('is refused, with the answer that helps', () => {
    const finding = onlyFinding(HOST);
    expect(finding).toMatchObject({
      check: 'cloud-init-rewrites',
      severity: 'error',
      path: 'safety.cloudInit',
      remedy: expect.stringContaining('Set safety.cloudInit to "disable"'),
    });
    expect(finding.message).toContain(FRAGMENT);
  });

  it('is told, not refused, where it is to be switched off', () => {
    const finding = onlyFinding(HOST, { safety: { cloudInit: 'disable' } });
    expect(finding).toMatchObject({ check: 'cloud-init-rewrites', severity: 'info' });
    expect(finding.message).toContain(FRAGMENT);
  });

  it('is said of the bridge that stands there already', () => {
    const bridged = files({ [FRAGMENT]: 'iface br0 inet dhcp\n    bridge_ports eth0\n' });
    expect(ids({ files: bridged })).toEqual(['error cloud-init-rewrites']);
  });

  it('has nothing to say once it is switched off, whatever the answers', () => {
    const off = files({ '/etc/cloud/cloud.cfg.d/99-bridge-setup.cfg': 'network: {config: disabled}\n' });
    for (const cloudInit of ['refuse', 'disable'] as const) {
      expect(ids({ files: { ...HOST.files, ...off } }, { safety: { cloudInit } })).toEqual([]);
    }
  });
});
