import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import type { DhcpClientName } from '../../src/model/facts.js';
import { RunningCopy } from '../../src/rehearse/copy.js';
import { type HostCopy, modelHost } from '../../src/rehearse/host-copy.js';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const HOST_ADDRESS = '192.168.1.10';

/** /etc/network/interfaces of a host that has that address without DHCP. */
export const STATIC_INTERFACES = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
`;

/** Programs that some tests want besides, in one list, so that they share one package layer. */
export const MORE_PROGRAMS = [
  'acl',
  'docker-compose',
  'firewalld',
  'fish',
  'nftables',
  'openssh-client',
  'openssh-server',
  'ufw',
  'zsh',
];

const words: string[] = [];

/** A model host on its private LAN, with Docker; `change` makes it another one, `packages` are installed in it. */
export function startHost(
  change: (model: HostCopy) => HostCopy = (model) => model,
  packages: readonly string[] = [],
  dhcpClient: DhcpClientName = 'udhcpc',
): Promise<RunningCopy> {
  return RunningCopy.start({
    host: localHost(),
    copy: change(modelHost('a model host, for tests')),
    program: { root: PROJECT, node: process.execPath },
    onLine: (line) => void words.push(line),
    packages,
    dhcpClient,
  });
}

/** What the long-running programs of the copies said last, for the message of a failing test. */
export const lastWords = (): string => words.slice(-30).join('\n');

/** The model host with another /etc/network/interfaces. */
export const withInterfaces =
  (text: string) =>
  (model: HostCopy): HostCopy => ({ ...model, files: { ...model.files, '/etc/network/interfaces': text } });

/** Answers for the copies: no systemd runs there. */
export const ANSWERS = { version: 1, bridge: { uplink: 'eth0' }, runtime: { install: 'none' } };

/** `bridge-setup --answers - --json` in the copy; the document it printed. */
export async function setUp(copy: RunningCopy, answers: unknown = ANSWERS, ...flags: string[]) {
  const run = await copy.bridgeSetup(['--answers', '-', '--json', ...flags], {
    input: JSON.stringify(answers),
  });
  return { exitCode: run.exitCode, document: document(run.stdout), stderr: run.stderr };
}

// biome-ignore lint/suspicious/noExplicitAny: documents of the command line, looked at field by field.
export const document = (stdout: string): any => JSON.parse(stdout);

/** Set a host up, and import the image that tests run containers of. */
export async function setUpForContainers(copy: RunningCopy): Promise<void> {
  const { exitCode, document: done } = await setUp(copy);
  expect(exitCode, JSON.stringify(done)).toBe(0);
  await importImage(copy);
}

/** Set a host up and take it back. Packages stay after a rollback, so from here on there is nothing to install. */
export async function setUpAndBack(copy: RunningCopy): Promise<void> {
  expect((await setUp(copy)).exitCode).toBe(0);
  expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
}

/** The host is as before: its file, its address on its NIC, no bridge, and it answers from the LAN. */
export async function expectAsBefore(copy: RunningCopy, interfaces: string | null): Promise<void> {
  expect(await copy.sandbox.read('/etc/network/interfaces')).toBe(interfaces);
  const { stdout } = await copy.sandbox.run(['ip', '-4', '-o', 'addr', 'show', 'eth0']);
  expect(stdout).toContain(`${HOST_ADDRESS}/24`);
  expect((await copy.sandbox.run(['ip', 'link', 'show', 'br0'], { check: false })).exitCode).not.toBe(0);
  expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
}

/** Import the image that tests run containers of. */
export async function importImage(copy: RunningCopy): Promise<void> {
  await copy.sandbox.run([
    'sh',
    '-c',
    'mkdir -p /tmp/image/bin && cp /bin/busybox /tmp/image/bin/ && ln -sf busybox /tmp/image/bin/sleep && tar -C /tmp/image -c . | docker import - box',
  ]);
}

/** `docker …` in the copy, as a person types it. */
export async function docker(copy: RunningCopy, ...args: string[]): Promise<string> {
  return (await copy.sandbox.run(['docker', ...args])).stdout.trim();
}

/** Wait until an address answers from the LAN; how long it took, in ms. Throws after the time is up. */
export async function answersFromLan(copy: RunningCopy, address: string, withinMs = 20_000): Promise<number> {
  const started = Date.now();
  while (Date.now() - started < withinMs) {
    if ((await copy.lan.ping(address, 1)) > 0) return Date.now() - started;
  }
  throw new Error(`${address} did not answer from the LAN within ${withinMs} ms\n${lastWords()}`);
}

/** Something that may cost the host no connection: the LAN asks for it all the time, and goes by half a second. */
export async function unheard<T>(copy: RunningCopy, work: () => Promise<T>): Promise<T> {
  const watch = copy.lan.watch(HOST_ADDRESS, 10);
  const done = await work();
  expect((await watch.stop()).longestSilenceMs).toBeLessThan(500);
  return done;
}

/** The IPv4 address of a container's interface, seen in its own namespace; `null` when it has none. */
export async function addressOf(copy: RunningCopy, container: string, link = 'eth0'): Promise<string | null> {
  const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', container);
  const shown = await copy.sandbox.run(
    ['nsenter', `--net=/proc/${pid}/ns/net`, '--', 'ip', '-4', '-o', 'addr', 'show', link],
    { check: false },
  );
  return /inet (\S+)/.exec(shown.stdout)?.[1] ?? null;
}

/** Wait until something is so. */
export async function eventually<T>(
  what: string | (() => string),
  look: () => Promise<T | null | false>,
  withinMs = 20_000,
): Promise<T> {
  const started = Date.now();
  while (Date.now() - started < withinMs) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}\n${lastWords()}`);
}

/** An `ip` that fails in a batch with a line like that: `once`, or each time. */
export const failingIp = (pattern: string, when: 'once' | 'always' = 'once') => `#!/bin/sh
case "$*" in *-batch*) ;; *) exec /usr/sbin/ip "$@" ;; esac
lines=$(cat)
if [ ! -e /tmp/ip-failed ] && printf '%s\\n' "$lines" | grep -q '${pattern}'; then
  ${when === 'once' ? 'touch /tmp/ip-failed' : ''}
  echo 'RTNETLINK answers: as the test wants it' >&2
  exit 1
fi
printf '%s\\n' "$lines" | exec /usr/sbin/ip "$@"
`;
