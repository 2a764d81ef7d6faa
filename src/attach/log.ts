/** One line of the daemon's log. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export type Log = (entry: LogEntry) => void;
