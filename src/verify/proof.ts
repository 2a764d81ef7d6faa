/** One thing that was seen, or was not. */
export interface Proof {
  readonly id: string;
  readonly title: string;
  readonly state: 'proved' | 'failed' | 'skipped';
  /** What was seen, as figures. */
  readonly detail: string;
  readonly durationMs: number;
}

/** What a look has shown. */
export type Outcome = Pick<Proof, 'state' | 'detail'>;

/** Look, and note the outcome as a proof; whether it is proved. An error is a failure. */
export type Recorder = (id: string, title: string, look: () => Promise<Outcome>) => Promise<boolean>;
