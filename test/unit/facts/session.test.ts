import { describe, expect, it } from 'vitest';
import { collectSession, parseSshConnection } from '../../../src/facts/session.js';
import { FakeHost } from '../support/fake-host.js';

const CONNECTION = '192.168.1.77 50022 192.168.1.10 22';

describe('parseSshConnection', () => {
  it.each([
    [CONNECTION, '192.168.1.77'],
    ['2001:db8::77 50022 2001:db8::10 22', '2001:db8::77'],
    ['fe80::1%eth0 50022 fe80::2%eth0 22', 'fe80::1'],
    ['--help 1 2 3', null],
    ['host.example 1 2 3', null],
    ['', null],
    [undefined, null],
  ])('%j: %s', (value, client) => {
    expect(parseSshConnection(value)).toBe(client);
  });
});

describe('collectSession', () => {
  const onTheLan = () => {
    const host = new FakeHost();
    host.script = () => ({ stdout: '[{"dst":"192.168.1.77","dev":"eth0","prefsrc":"192.168.1.10"}]' });
    return host;
  };

  it('says through which link the packets of the person come', async () => {
    const host = onTheLan();
    host.env.SSH_CONNECTION = CONNECTION;
    expect(await collectSession(host)).toEqual({ ssh: true, client: '192.168.1.77', link: 'eth0' });
    expect(host.commands.map(({ argv }) => argv.join(' '))).toEqual(['ip -json route get 192.168.1.77']);
  });

  it('finds the session behind sudo, which drops the variable', async () => {
    const host = onTheLan();
    host.content
      .set('/proc/4000/environ', 'SUDO_USER=pi\0')
      .set('/proc/4000/status', 'Name:\tnode\nPPid:\t3999\n');
    host.content.set('/proc/3999/environ', `HOME=/root\0SSH_CONNECTION=${CONNECTION}\0`);
    expect(await collectSession(host)).toMatchObject({ ssh: true, client: '192.168.1.77' });
  });

  it('finds none at the console, and asks for no route', async () => {
    const host = onTheLan();
    host.content.set('/proc/4000/status', 'PPid:\t1\n').set('/proc/1/status', 'PPid:\t0\n');
    expect(await collectSession(host)).toEqual({ ssh: false, client: null, link: null });
    expect(host.commands).toEqual([]);
  });

  it('does not go round in circles', async () => {
    const host = onTheLan();
    host.content.set('/proc/4000/status', 'PPid:\t4000\n');
    expect((await collectSession(host)).ssh).toBe(false);
  });
});
