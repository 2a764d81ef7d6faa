import { describe, expect, it } from 'vitest';
import { importContainer } from '../../../src/attach/import.js';
import { importText } from '../../../src/cli/import.js';
import { style } from '../../../src/ui/style.js';
import { containerInfo } from '../support/fake-host.js';

const NOTHING = { id: '', env: [], labels: {} };
const linesOf = (parts: Parameters<typeof containerInfo>[0], image = NOTHING) => {
  const imported = importContainer(containerInfo(parts), { bridges: ['br0'] }, image);
  return imported === null ? null : importText(imported, style(false));
};

describe('import', () => {
  it('says what each rule would do, and why one would be refused', () => {
    const env = [
      'PATH=/bin',
      'pipework_cmd_a=br0 web-7 192.168.1.70/24@192.168.1.1 02:00:00:00:00:07',
      'pipework_cmd_b=br0 -i eth2 web-7 dhcp 02:00:00:00:00:08',
      'pipework_cmd_c=br7 web-7 dhcp',
    ];
    expect(linesOf({ env })).toEqual([
      'web-7 (busybox)',
      '  attach  eth1 on br0, 192.168.1.70/24, gateway 192.168.1.1, MAC address 02:00:00:00:00:07',
      '  attach  eth2 on br0, by DHCP, MAC address 02:00:00:00:00:08',
      '  refuse  pipework_cmd_c="br7 web-7 dhcp": "br7": it is not a bridge for containers (br0). Bridges for containers are "bridges" in /etc/bridge-setup/runtime.json.',
    ]);
  });

  it('names the settings that were dead in the original', () => {
    const env = ['pipework_retry_delay=5', 'apache_pipework_host_route=true'];
    expect(linesOf({ env })?.slice(1)).toEqual([
      '  setting pipework_retry_delay: not needed: the runtime tries again, with back-off, until it works. It did nothing in docker-pipework: it was not read from containers.',
      '  setting apache_pipework_host_route: not needed: the host reaches a container on its bridge anyway.',
    ]);
  });

  it('reads the settings of docker-pipework itself, which has no rules of its own', () => {
    const env = [
      'run_mode=both',
      'pipework_up_time=60',
      'pipework_cmd_x=br0 other dhcp',
      'cmd=br0 other dhcp',
    ];
    const imported = importContainer(
      containerInfo({ env, image: 'dreamcat4/pipework:1.1.6' }),
      { bridges: ['br0'] },
      NOTHING,
    );
    expect(imported).toMatchObject({ endpoints: [], refused: [] });
    expect(imported?.settings.filter(({ dead }) => dead !== null).map(({ variable }) => variable)).toEqual([
      'pipework_up_time',
      'cmd',
    ]);
  });

  it('says nothing of a container without rules', () => expect(linesOf({ env: ['PATH=/bin'] })).toBeNull());
});
