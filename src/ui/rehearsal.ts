import { duration } from './report.js';
import type { Style } from './style.js';

interface StageWords {
  readonly title: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

interface RehearsalWords {
  readonly ok: boolean;
  readonly kind: 'copy' | 'model';
  readonly stages: readonly StageWords[];
  readonly packages: readonly string[];
  readonly files: readonly { readonly path: string; readonly change: string; readonly diff: string }[];
  readonly outageMs: { readonly setUp: number | null; readonly rollback: number | null };
}

/** What a rehearsal leaves. */
export const KEPT =
  'Only packages are kept for the next time, in /var/cache/bridge-setup (about 350 MB; `bridge-setup rehearse --clean` removes them).';

interface KeptImage {
  readonly path: string;
  readonly bytes: number;
}

/** What `--clean` did. */
export function cleanText(removed: readonly KeptImage[], inUse: readonly KeptImage[]): string {
  const room = removed.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines =
    removed.length === 0
      ? ['There is nothing to remove in /var/cache/bridge-setup.']
      : [
          `Removed ${removed.length} package ${removed.length === 1 ? 'layer' : 'layers'}; ${Math.ceil(room / 1e6)} MB are free again.`,
        ];
  for (const { path } of inUse) lines.push(`Kept, since a rehearsal uses it now: ${path}`);
  return lines.join('\n');
}

/** One stage of a rehearsal, when it has ended. */
export function stageText({ title, ok, detail, durationMs }: StageWords, s: Style): string {
  return `  ${ok ? s.good('ok') : s.bad('FAILED')}  ${title} ${s.dim(`(${duration(durationMs)})`)}\n        ${detail}`;
}

/** What a person does next. A model says nothing of this host. */
const NEXT = {
  copy: 'The real thing: `npx bridge-setup`.',
  model:
    'That was a model host.\nWhether yours fits: `npx bridge-setup doctor`. To do it: `npx bridge-setup`.',
};

/** The report at the end of a rehearsal: what would change, and the verdict. */
export function rehearsalText(
  { ok, kind, stages, packages, files, outageMs }: RehearsalWords,
  s: Style,
): string {
  const silence = (ms: number | null) => (ms === null ? 'not measured' : duration(ms));
  const lines = ['', s.bold('What would change')];
  lines.push(`  packages: ${packages.length > 0 ? packages.join(', ') : 'none'}`);
  for (const { path, change } of files) lines.push(`  ${change} ${path}`);
  for (const { diff } of files.filter(({ path }) => path.startsWith('/etc/network'))) {
    lines.push(
      ...diff
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
  }
  lines.push(
    `  longest silence, of a ping each 10 ms: ${silence(outageMs.setUp)} at set-up, ${silence(outageMs.rollback)} at undo`,
    '',
  );
  lines.push(
    ok
      ? s.good(`The rehearsal went well. ${NEXT[kind]}`)
      : [
          s.bad('The rehearsal failed. Nothing on this machine was changed.'),
          ...stages.filter((stage) => !stage.ok).map(({ title, detail }) => `  - ${title}: ${detail}`),
        ].join('\n'),
  );
  return lines.join('\n');
}
