import { describe, expect, it } from 'vitest';
import { link } from '../support/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

describe('uplink-has-802-1x', () => {
  it('is said of an uplink that wpa_supplicant authenticates', () => {
    expect(onlyFinding({ supplicants: ['wlan0', 'eth0'] })).toMatchObject({
      check: 'uplink-has-802-1x',
      severity: 'error',
      path: 'bridge.uplink',
      message: expect.stringContaining('wpa_supplicant authenticates eth0'),
      remedy: expect.stringMatching(/./),
    });
  });

  it('is not said of another link, nor of facts that do not tell', () => {
    expect(ids({ supplicants: ['wlan0', 'eth01'] })).toEqual([]);
    expect(ids({})).toEqual([]);
  });

  it('is not said of Wi-Fi, which is refused as such', () => {
    expect(ids({ links: [link({ wireless: true })], supplicants: ['eth0'] })).toEqual([
      'error uplink-is-wireless',
    ]);
  });
});
