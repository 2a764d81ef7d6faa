/** What a check found. `ok` is said too: silence is not a verdict. `unknown`: it could not be looked at. */
export interface Finding {
  /** Name of what was found, e.g. `uplink-is-wireless`; a check may find several things. */
  readonly check: string;
  readonly severity: 'ok' | 'info' | 'unknown' | 'warning' | 'error';
  readonly message: string;
  /** JSON path of the answer concerned. */
  readonly path?: string;
  /** Why it is so, where the check has no better word. */
  readonly cause?: string;
  /** What to do, as one sentence. */
  readonly remedy?: string;
}
