import { refusal } from '../errors.js';
import { IN_CONTAINER, RUNTIME_IMAGE, runtimeContainerCommand } from '../model/runtime-container.js';
import { LocalDocker } from './docker.js';
import { localFiles } from './files.js';
import type { Host } from './host.js';
import { localHost, ROOT_PATH } from './local-host.js';
import { filesSeenBy } from './rooted-files.js';

/** The host's first process, by `--pid=host`: its namespaces are the host's. */
const INIT = 1;
const NAMESPACES = ['--mount', '--uts', '--ipc', '--net'];
/** How commands run: among the host's files and programs, in its network. Each becomes the command by exec. */
const ENTER = ['nsenter', `--target=${INIT}`, ...NAMESPACES, '--'];
/** In the image: programs that need no libraries, so that they run among the host's files, too. */
const STATIC_PROGRAMS = '/usr/local/libexec/bridge-setup';

/**
 * A command that is to outlive the container, or what it leaves is to: Docker ends all that is in its control groups (cgroups(7)), so the command
 * first goes to those of the host's first process, or to the root of what cannot be seen of them. It keeps its PID. The
 * text is constant; what differs are its arguments. It is the host's from then on, so not told that it is in a container.
 */
const OUTLIVE = [
  ...['nsenter', `--target=${INIT}`, '--cgroup', ...NAMESPACES, '--', 'sh', '-c'],
  `while IFS=: read -r _ controllers path; do
    folders=\${controllers#name=}
    for folder in \${folders:-unified .}; do
      for group in "$folder$path" "$folder"; do
        if echo $$ 2>/dev/null >"/sys/fs/cgroup/$group/cgroup.procs"; then break 2; fi
      done
    done
  done </proc/${INIT}/cgroup
  unset ${IN_CONTAINER}
  exec "$@"`,
  'outlive',
];

/** The line that starts bridge-setup as a container. */
export const CONTAINER_COMMAND = runtimeContainerCommand(RUNTIME_IMAGE).join(' ');

/**
 * The host of the container that the tool runs in, by the namespaces of its first process: its files, its programs, its
 * Docker. So iptables is the one that the host's Docker uses, and state lies where the host's own bridge-setup would
 * have it, without a volume. Of the container there are this program and `STATIC_PROGRAMS`.
 */
export function containerHost(onCommand?: (command: string, durationMs: number) => void): Host {
  const local = localHost(onCommand);
  const files = filesSeenBy(INIT);
  return {
    ...local,
    files,
    // What has a group of its own may leave something that stays, as ifup leaves a DHCP client.
    run: (argv, options) => local.run([...(options?.ownProcessGroup ? OUTLIVE : ENTER), ...argv], options),
    spawn: (argv, options) => local.spawn([...(options?.detached ? OUTLIVE : ENTER), ...argv], options),
    which: async (program) => {
      for (const folder of ROOT_PATH) {
        const path = `${folder}/${program}`;
        const real = await files.realpath(path).catch(() => null);
        const found = real === null ? null : await files.stat(real);
        if (found?.type === 'file' && (found.mode & 0o111) !== 0) return path;
      }
      // By this process's root the path is good on the host, for as long as it takes to start a command.
      return (await localFiles.exists(`${STATIC_PROGRAMS}/${program}`))
        ? `/proc/${local.pid}/root${STATIC_PROGRAMS}/${program}`
        : null;
    },
    // Not a socket that was mounted in the container: that one is dead once Docker has made another.
    docker: new LocalDocker(`/proc/${INIT}/root/run/docker.sock`, `/proc/${INIT}/root`),
  };
}

/** Refuse where the host cannot be acted on, with what is missing on the command line of Docker. */
export async function refuseHalfContainer(): Promise<void> {
  const namespace = (pid: number | 'self', kind: string) =>
    localFiles.readlink(`/proc/${pid}/ns/${kind}`).catch(() => null);
  const [mount, net] = [await namespace(INIT, 'mnt'), await namespace(INIT, 'net')];
  const missing = [
    // It may not be looked at.
    ...(mount === null ? ['--privileged'] : []),
    // The first process is the container's own.
    ...(mount !== null && mount === (await namespace('self', 'mnt')) ? ['--pid=host'] : []),
    ...(net !== null && net !== (await namespace('self', 'net')) ? ['--net=host'] : []),
  ];
  if (missing.length === 0) return;
  throw refusal(
    'container-without-host',
    `This container cannot act on its host: it was started without ${missing.join(' ')}`,
    [],
    `Start it with: ${CONTAINER_COMMAND}`,
  );
}
