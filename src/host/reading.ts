/** Words of ip(8) and bridge(8) that change something. */
const CHANGES = /^(add|append|change|del|delete|flush|move|replace|restore|save|set|swap)$/;

/** Programs that only tell something, whatever their arguments are. */
const READERS = new Set([
  'apt-cache',
  'arping',
  'dpkg-query',
  'ldd',
  'mktemp',
  'ping',
  'stat',
  'sync',
  'systemd-notify',
]);

const IPTABLES = /^(ip6?|eb)tables(-legacy|-nft)?$/;

/** They print rules, as `iptables-restore` and its like read them. */
const SAVING = /^(ip6?|eb)tables(-legacy|-nft)?-save$/;

/** Arguments with which a program only tells something. */
const READING: Readonly<Record<string, RegExp>> = {
  busybox: /^(arping|ping) /,
  'firewall-cmd': /^(--permanent )?(--zone=\S+ )?--(get-|list-|query-|state)/,
  'firewall-offline-cmd': /^--zone=\S+ --query-/,
  journalctl: /^(?!.*--(vacuum|rotate|flush))/,
  nft: /^(-\S+ )*list |^--check /,
  nmcli: /^(-\S+ )*(-f \S+ )?(device|connection show)/,
  'ovs-vsctl': /^(?!.* (add|clear|create|del|destroy|remove|set)(-\w+)? ).* (list|list-br|show)( |$)/,
  rpm: /^(-q|--query)/,
  sysctl: /^--all --pattern /,
  systemctl: /^(show|status|is-|list-|cat) ?/,
  tc: /^(\S+ )?(show|list|ls)( |$)/,
  // A namespace without anything in it, which ends with the process.
  unshare: /^--net sleep /,
};

/** Programs that make, copy or remove files, which may be bridge-setup's own. */
const FILE_TOOLS = new Set(['chmod', 'cp', 'ln', 'mkdir', 'mv', 'restorecon', 'rm', 'tar', 'tee', 'touch']);

/**
 * Whether a command leaves the host as it is. What is not known here counts as a change: better once too often.
 * @param input what it reads from standard input
 * @param isOwn whether a path is one of bridge-setup's own records
 */
export function leavesHostAlone(
  argv: readonly string[],
  input: string | undefined,
  isOwn: (path: string) => boolean,
): boolean {
  const [path = '', ...args] = argv;
  const program = path.slice(path.lastIndexOf('/') + 1);
  const text = args.join(' ');
  if (program === 'nsenter') {
    const at = args.findIndex((word) => !word.startsWith('-'));
    return leavesHostAlone(args.slice(at === -1 ? args.length : at), input, isOwn);
  }
  if (program === 'ip' || program === 'bridge') {
    const lines = args.includes('-batch') ? (input ?? '').trim().split('\n') : [text];
    return lines.every(asksOnly);
  }
  if (FILE_TOOLS.has(program))
    return touched(program, args).every((file) => isOwn(file) || isTemporary(file));
  if (isWatchdog(args)) return true;
  if (args.length === 1 && args[0] === '--version') return true;
  if (SAVING.test(program)) return true;
  if (IPTABLES.test(program)) return args.some((word) => /^(-S|-L|-C|--list|--check)$/.test(word));
  return READERS.has(program) || READING[program]?.test(text) === true;
}

/** A line of ip(8) that shows something, or has the kernel ask who has an address (ip-neighbour(8), `use` and `probe`). */
function asksOnly(line: string): boolean {
  const words = line.trim().split(/\s+/);
  if (/^neigh/.test(words[0] ?? '') || words.includes('neighbour')) {
    return !words.some((word) => CHANGES.test(word)) || / nud (none use|probe)$/.test(line);
  }
  // Only for the time of a question: it ends with the namespace that it is made in.
  if (/^(link add link \S+ name bs-|link set (lo|bs-\S+) up$|route add default dev bs-)/.test(line))
    return true;
  return !words.some((word) => CHANGES.test(word));
}

/** The files that a command changes: where it copies or moves to, else all that it names. */
function touched(program: string, args: readonly string[]): readonly string[] {
  const files = args.filter((word) => word.startsWith('/'));
  return program === 'cp' || program === 'ln' ? files.slice(-1) : files;
}

const isTemporary = (file: string) => file.startsWith('/tmp/bridge-setup-');

/** The process that rolls a run back when that is lost: it acts on its own account. */
function isWatchdog(args: readonly string[]): boolean {
  const at = args.indexOf('watch');
  return at > 0 && (args[at - 1] ?? '').endsWith('bridge-setup.js');
}
