import type { JournalLine } from '../../../src/model/journal.js';
import type { Step } from '../../../src/model/plan.js';
import type { TreeFile } from './tree.js';

/** A change as it is wished for, whatever there is now. */
export type WishedChange =
  | { readonly kind: 'write-file'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly kind: 'remove-file'; readonly path: string };

/** A file system as a map, which does with a step what the contract of steps says (src/model/plan.ts). */
export class ModelFiles {
  readonly #files: Map<string, TreeFile>;

  constructor(files: Readonly<Record<string, TreeFile>>) {
    this.#files = new Map(Object.entries(files));
  }

  all(): Record<string, TreeFile> {
    return Object.fromEntries(this.#files);
  }

  /** Throws when a file is neither what the step saw nor what it wants. */
  carryOut(step: Step): void {
    if (step.kind !== 'write-file' && step.kind !== 'remove-file')
      throw new Error(`not a file: ${step.kind}`);
    const now = this.#files.get(step.path)?.content ?? null;
    const wanted = step.kind === 'write-file' ? step.content : null;
    if (now === wanted) return;
    if (now !== step.before) throw new Error(`${step.path} is not what the step saw`);
    if (step.kind === 'remove-file') this.#files.delete(step.path);
    else this.#files.set(step.path, { content: step.content, mode: step.mode });
  }

  /** Do it, and the two lines that the journal gets for it; none for the removal of nothing. */
  intentAndDone(wish: WishedChange, n: number): JournalLine[] {
    const file = this.#files.get(wish.path);
    const named = { id: `step-${n}`, title: `${wish.kind} ${wish.path}` };
    if (wish.kind === 'remove-file' && file === undefined) return [];
    const step: Step =
      wish.kind === 'write-file'
        ? { ...named, ...wish, before: file?.content ?? null }
        : { ...named, ...wish, before: file?.content ?? '' };
    this.carryOut(step);
    const before =
      file === undefined ? null : { path: wish.path, ...file, copy: `/kept${wish.path}`, sha256: '' };
    return [
      { state: 'intent', n, step, before },
      { state: 'done', n },
    ];
  }
}
