import { onBridge, onUplink } from './cutover-hosts.js';

const ANSWERS = { version: 1, bridge: { uplink: 'eth0' }, runtime: { install: 'none' } };
const [INTERFACES, BEFORE, AFTER] = ['/etc/network/interfaces', '/tmp/before', '/tmp/after'];

const ended = ({ exitCode, stdout, stderr }) => ({
  exitCode,
  said: exitCode === 0 ? '' : `${stdout}${stderr}`.trim().slice(-2000),
});

/** One shell for all of it: what a person types into a remote session, since the first half ends the connection. */
const script = async (copy, text) =>
  ended(await copy.sandbox.run(['sh', '-c', text], { check: false, timeoutMs: 180_000 }));

async function writeBoth(copy, method, host) {
  await copy.sandbox.write(BEFORE, onUplink(method, host));
  await copy.sandbox.write(AFTER, onBridge(method, host));
}

/** Ways from eth0 to br0 and back. `prepare` is not measured. */
export const METHODS = {
  ours: {
    cases: ['static', 'dhclient', 'udhcpc', 'dhcpcd'],
    prepare: async () => {},
    setUp: async (copy) =>
      ended(await copy.bridgeSetup(['--answers', '-', '--json'], { input: JSON.stringify(ANSWERS) })),
    rollBack: async (copy) => ended(await copy.bridgeSetup(['rollback', '--json'])),
  },
  ifupdown: {
    cases: ['static', 'dhclient'],
    prepare: async (copy, host) => {
      await copy.sandbox.run(['apt-get', 'install', '--yes', '--no-download', 'bridge-utils']);
      await writeBoth(copy, 'ifupdown', host);
    },
    setUp: (copy) => script(copy, `ifdown eth0; cp ${AFTER} ${INTERFACES}; ifup br0`),
    rollBack: (copy) => script(copy, `ifdown br0; cp ${BEFORE} ${INTERFACES}; ifup eth0`),
  },
  ifupdown2: {
    cases: ['static', 'dhclient'],
    prepare: (copy, host) => writeBoth(copy, 'ifupdown2', host),
    setUp: (copy) => script(copy, `cp ${AFTER} ${INTERFACES}; ifreload -a`),
    rollBack: (copy) => script(copy, `cp ${BEFORE} ${INTERFACES}; ifreload -a`),
  },
};
