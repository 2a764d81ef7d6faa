/** Device nodes of the copy: path below /dev, mode, major and minor number. */
const NODES = [
  'null:666:1:3',
  'zero:666:1:5',
  'full:666:1:7',
  'random:666:1:8',
  'urandom:666:1:9',
  'tty:666:5:0',
  // For Open vSwitch, and for VPNs in hooks.
  'net/tun:666:10:200',
  'fuse:666:10:229',
];

/**
 * A /dev of its own: memory with the few nodes that programs of a host expect. Those of disks, loop devices and
 * consoles are the machine's business. Where mknod(1) is not allowed, the machine's node is bound; one that the
 * machine lacks is left out.
 */
const DEV = `
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
for node; do
  IFS=: read -r path mode major minor <<<"$node"
  [ -e "/dev/$path" ] || continue
  mknod --mode="$mode" "$root/dev/$path" c "$major" "$minor" 2>/dev/null || {
    : >"$root/dev/$path"
    mount --bind "/dev/$path" "$root/dev/$path"
  }
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5,nosuid,noexec devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount -t mqueue -o nosuid,nodev,noexec mqueue "$root/dev/mqueue" 2>/dev/null || rmdir "$root/dev/mqueue"
ln --symbolic pts/ptmx "$root/dev/ptmx"
ln --symbolic /proc/self/fd "$root/dev/fd"
for name in stdin:0 stdout:1 stderr:2; do ln --symbolic "/proc/self/fd/\${name#*:}" "$root/dev/\${name%:*}"; done
`;

/**
 * Settings of the whole kernel: a copy of /proc/sys, since \`sysctl -w vm.…\` of a hook has to succeed, and must not
 * reach the machine. Only those below net are the network namespace's own. The files of kernel/random answer anew
 * each time, so they are shown, read-only. What else of /proc commands the machine is read-only, as in a container.
 */
const PROC = `
mount -t proc proc "$root/proc"
mkdir "$stage/sysctl"
cd "$root/proc/sys"
for name in *; do
  [ "$name" = net ] || cp --recursive --no-preserve=mode "$name" "$stage/sysctl" 2>/dev/null || :
done
# Some can only be written: they are there, and empty.
find . -path ./net -prune -o -type f -print0 | (cd "$stage/sysctl" && xargs -0 touch)
cd /
mkdir "$stage/sysctl/net"
mount --bind "$root/proc/sys/net" "$stage/sysctl/net"
mount --bind "$root/proc/sys/kernel/random" "$stage/sysctl/kernel/random"
mount -o remount,bind,ro "$stage/sysctl/kernel/random"
mount --rbind "$stage/sysctl" "$root/proc/sys"
for name in acpi bus fs irq scsi sysrq-trigger; do
  [ -e "$root/proc/$name" ] || continue
  mount --bind "$root/proc/$name" "$root/proc/$name"
  mount -o remount,bind,ro "$root/proc/$name"
done
`;

/**
 * A fresh sysfs, which shows this network's links. Only these can be written (bridge-utils does), and the control
 * groups, which are the machine's: Docker needs them.
 */
const SYS = `
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
for path in class/net devices/virtual/net; do mount --bind "$root/sys/$path" "$root/sys/$path"; done
mount -o remount,bind,ro "$root/sys"
`;

/**
 * The command that gives the copy its /dev, /proc and /sys, to be run in its namespaces before it becomes the root.
 * @param stage a folder in memory, of the copy only
 * @param root the copy's root
 */
export function mountKernelViews(stage: string, root: string): string[] {
  const script = `set -e; stage=$1; root=$2; shift 2\n${DEV}${PROC}${SYS}`;
  return ['bash', '--norc', '-c', script, 'kernel-views', stage, root, ...NODES];
}
