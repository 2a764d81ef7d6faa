/** What a check found. `ok` is said too: silence is not a verdict. */
export interface Finding {
  /** Id of the check, e.g. `uplink-is-wireless`. */
  readonly check: string;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly message: string;
  /** JSON path of the answer concerned. */
  readonly path?: string;
  /** What to do, as one sentence. */
  readonly remedy?: string;
}
