// What the benches take from the program.
export { localHost } from '../src/host/local-host.js';
export { DAEMON_ENVIRONMENT, DAEMON_NODE_FLAGS } from '../src/model/daemon-flags.js';
export { RunningCopy } from '../src/rehearse/copy.js';
export { modelHost } from '../src/rehearse/host-copy.js';
