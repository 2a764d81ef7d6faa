import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../src/attach/settings.js';
import { runBatch, runManual } from '../../../src/cli/batch.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

const config = {
  version: 1 as const,
  bridges: ['br0'],
  imageRules: false,
  firewall: 'auto' as const,
  dhcpClient: 'udhcpc' as const,
};
const { signal } = new AbortController();

describe('run modes that end', () => {
  it('tell each rule that is not followed, and go on', async () => {
    const host = new FakeHost();
    const baked = 'pipework_cmd=br0 web-7 dhcp';
    const web = containerInfo({ env: [baked, 'pipework_cmd_2=br7 web-7 dhcp'] });
    host.containers.set(web.id, web);
    host.images.set(web.imageId, { id: web.imageId, env: [baked], labels: {} });
    const results = await runBatch(host, config, parseSettings({}), signal);
    expect(results.map(({ attached }) => attached)).toEqual([null, null]);
    expect(results[0]?.error).toContain('comes with the image');
    expect(results[1]?.error).toContain('br7');
  });

  it("leave out the rules of the runtime's own container, which are for manual mode", async () => {
    const host = new FakeHost();
    const own = containerInfo({ env: ['BRIDGE_SETUP_IN_CONTAINER=1', 'pipework_cmd=br0 web dhcp'] });
    host.containers.set(own.id, own);
    expect(await runBatch(host, config, parseSettings({}), signal)).toEqual([]);
  });

  it('try again only with a retry_delay', async () => {
    const host = new FakeHost();
    const started = host.time;
    const run = (env: Record<string, string>) => runManual(host, parseSettings(env), signal);
    const rule = { pipework_cmd: 'br0 nobody 10.0.0.7/24' };
    expect((await run(rule))[0]?.error).toContain('There is no container nobody');
    expect(host.time).toBe(started);
    await run({ ...rule, retry_delay: '5' });
    expect(host.time - started).toBe(35_000);
  });
});
