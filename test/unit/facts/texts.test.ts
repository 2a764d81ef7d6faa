import { expect, it } from 'vitest';
import { collectTexts } from '../../../src/facts/texts.js';
import { FakeHost } from '../support/fake-host.js';

it('keeps what the programs of the host say, and leaves out those that it has not', async () => {
  const host = new FakeHost();
  host.content.set('/etc/resolv.conf', 'nameserver 192.168.1.1\n');
  host.script = ([program, ...words]) =>
    program === 'ip' ? { stdout: `${words.join(' ')}\n` } : { exitCode: 127 };
  expect(await collectTexts(host, 'eth0')).toEqual({
    'links.txt': '-details address show\n',
    'routes-ipv4.txt': '-4 route show table all\n',
    'routes-ipv6.txt': '-6 route show table all\n',
    'rules-ipv4.txt': '-4 rule show\n',
    'rules-ipv6.txt': '-6 rule show\n',
    'neighbours.txt': 'neighbour show\n',
    'resolv.conf': 'nameserver 192.168.1.1\n',
  });
});
