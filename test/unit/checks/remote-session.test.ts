import { expect, it } from 'vitest';
import { ids, onlyFinding } from '../support/findings.js';

const over = (link: string | null, ssh = true) => ({ session: { ssh, client: '192.168.1.50', link } });

it('tells who is connected over the uplink that nothing is to be feared', () => {
  expect(onlyFinding(over('eth0'))).toEqual({
    check: 'remote-session',
    severity: 'info',
    message:
      'You are connected from 192.168.1.50 over eth0. The address moves to br0 without a pause. If the gateway does not answer afterwards, or this run is lost, the host goes back by itself.',
  });
});

it('knows that the address is on the bridge already', () => {
  const { severity, message } = onlyFinding(over('br0'));
  expect(severity).toBe('info');
  expect(message).toContain('The address stays on br0.');
});

it('does not say so where the address changes', () => {
  const answers = {
    address: { method: 'static', address: '192.168.1.88/24', gateway: '192.168.1.1' },
  } as const;
  const { message } = onlyFinding(over('eth0'), answers);
  expect(message).toContain('Its address changes to 192.168.1.88/24; the old one is there, too, until');
  expect(message).not.toContain('without a pause');
});

it('has nothing to tell at the console, or to who comes in over another link', () => {
  expect(ids(over(null, false))).toEqual([]);
  expect(ids(over('eth1'))).toEqual([]);
});
