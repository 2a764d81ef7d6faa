/** A mounted file system, as proc_pid_mountinfo(5) tells. */
export interface Mount {
  /** Where it is mounted. */
  readonly path: string;
  /** Its device as MAJ:MIN; MAJ is 0 when it has no block device of its own. */
  readonly device: string;
  readonly type: string;
  /** What was mounted: `/dev/sda1`, `server:/path`. */
  readonly source: string;
  /** Nothing can be written, be it through this mount or to the file system at all. */
  readonly readOnly: boolean;
}

/** Mounts in the order in which they were made; lines that are none are passed over. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [own = '', rest = ''] = line.split(' - ');
    const [, , device, , path, options] = own.split(' ');
    const [type, source = '', superOptions = ''] = rest.split(' ');
    if (device === undefined || path === undefined || !type) return [];
    const readOnly = `${options ?? ''},${superOptions}`.split(',').includes('ro');
    return [{ path: unescaped(path), device, type, source: unescaped(source), readOnly }];
  });
}

/** The mount that shows a path; `null` when none does. What was mounted last covers what was there. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  const covers = (mount: Mount) =>
    mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
  return mounts
    .filter(covers)
    .reduce<Mount | null>(
      (found, mount) => (found === null || mount.path.length >= found.path.length ? mount : found),
      null,
    );
}

/** Blanks and the like stand as octal numbers: `\040`. */
function unescaped(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
