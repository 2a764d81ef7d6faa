import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../src/apply/checkpoint.js';
import { restoreNameServers } from '../../../src/apply/restore-name-servers.js';
import { network } from '../support/applied.js';
import { link } from '../support/facts.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeTree } from '../support/tree.js';

const PATH = '/etc/resolv.conf';
const WAS = '# by hand\nnameserver 192.0.2.1\n';
const OTHERS = 'nameserver 192.0.2.2\n';
/** The same servers, in words of a client. */
const SAME = '; by a client\nnameserver 192.0.2.1\n';

const ADDRESS = { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global' } as const;

async function rolledBack(present: string, kinds: readonly string[], dynamic = false, resolvConf?: string) {
  const host = new RootedHost(await temporaryFolder());
  writeTree(host.root, { [PATH]: { content: present, mode: 0o644 } });
  const folder = '/var/lib/bridge-setup/checkpoints/1';
  await host.files.mkdir(folder, 0o700);
  const checkpoint = {
    folder,
    entries: kinds.map((kind, n) => ({ n, step: { kind }, before: null, state: 'undone' })),
    before: {
      ...network({ links: [link({ addresses: [{ ...ADDRESS, dynamic }] })] }),
      details: { routes: [], rules: [], settings: {}, ...(resolvConf === undefined ? {} : { resolvConf }) },
    },
  } as unknown as Checkpoint;
  expect(await restoreNameServers(host, [checkpoint])).toEqual([]);
  const kept = await host.files.read(`${folder}/resolv.conf.replaced`);
  return [await host.files.read(PATH), kept];
}

describe('resolv.conf after a rollback', () => {
  it.each([
    ['servers are missing, as after a boot in another order', OTHERS, ['create-bridge']],
    ['a client wrote it', SAME, ['create-bridge', 'start-dhcp-client']],
    ['servers were asked for', `${WAS}${OTHERS}`, ['configure-name-servers']],
  ])('is what it was, where %s; what was there is kept', async (_, present, kinds) => {
    expect(await rolledBack(present, kinds, false, WAS)).toEqual([WAS, present]);
  });

  it.each<[string, string, readonly string[], boolean, string | undefined]>([
    ['somebody has added a server', WAS + OTHERS, ['create-bridge'], false, WAS],
    ['a client leases the address again', OTHERS, ['stop-dhcp-client', 'start-dhcp-client'], false, WAS],
    ['the address is leased', OTHERS, ['start-dhcp-client'], true, WAS],
    ['NetworkManager writes it', OTHERS, ['network-manager-state'], false, WAS],
    ['it belongs to a program, or an earlier version made the checkpoint', OTHERS, [], false, undefined],
  ])('stays where %s', async (_, present, kinds, dynamic, was) => {
    expect(await rolledBack(present, kinds, dynamic, was)).toEqual([present, null]);
  });
});
