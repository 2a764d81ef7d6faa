import { type Problem, usageError } from '../errors.js';
import { backOff, FIRST_DELAY_MS, LONGEST_DELAY_MS } from './back-off.js';
import { PIPEWORK_SETTINGS } from './docker-pipework.js';
import { type EventFilters, parseEventFilters } from './event-filters.js';
import { printable } from './rule.js';
import { compareBytes } from './rule-sources.js';

const MODES = ['manual', 'batch', 'daemon'] as const;
/** docker-pipework's run modes. */
export type RunMode = (typeof MODES)[number];

/** docker-pipework's settings, as the environment of `bridge-setup daemon` has them. */
export interface RuntimeSettings {
  readonly modes: ReadonlySet<RunMode>;
  /** Rules for manual mode, in their order. */
  readonly rules: readonly { readonly variable: string; readonly rule: string }[];
  readonly key: string | null;
  readonly filters: EventFilters;
  /** Wait before the second attempt; `null`: not set. */
  readonly retryMs: number | null;
  readonly sleepMs: number;
  /** `null`: for ever. */
  readonly upTimeMs: number | null;
  /** One line for each setting that is accepted and does nothing. */
  readonly notes: readonly string[];
}

/** The names that manual mode takes for rules ("4. Config.md", "cmd"), all that contain it. */
const RULE_VARIABLE = 'pipework_cmd';

/** The runtime without any setting. */
export const DEFAULT_SETTINGS: RuntimeSettings = parseSettings({});

/**
 * Read docker-pipework's settings (its "4. Config.md", "On the Pipework container"). Each may have the prefix `pipework_`;
 * where both are set the one without it counts, as in its entrypoint.sh. Throws for a value that makes no sense.
 */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): RuntimeSettings {
  const problems: Problem[] = [];
  const find = (name: string) => {
    const variable = [name, `pipework_${name}`].find((one) => env[one]);
    return variable === undefined ? null : { variable, value: env[variable] ?? '' };
  };
  const seconds = (name: string) => {
    const given = find(name);
    if (given === null) return null;
    if (/^\d{1,6}$/.test(given.value)) return Number(given.value) * 1000;
    const message = `"${printable(given.value)}": expected a whole number of seconds`;
    problems.push({ path: given.variable, message });
    return null;
  };
  const mode = find('run_mode');
  const modes = modesOf(mode?.value ?? 'daemon', mode?.variable ?? 'run_mode', problems);
  const filters = find('event_filters');
  const settings = {
    modes,
    rules: rulesOf(env),
    key: find('key')?.value ?? null,
    filters: filters === null ? {} : parseEventFilters(filters.value, filters.variable, problems),
    retryMs: seconds('retry_delay'),
    sleepMs: seconds('sleep') ?? 0,
    upTimeMs: seconds('up_time'),
    notes: PIPEWORK_SETTINGS.flatMap(({ scope, name, here }) => {
      const given = scope === 'global' && here.startsWith('not ') ? find(name) : null;
      return given === null ? [] : [`${given.variable} is ${here}`];
    }),
  };
  if (problems.length > 0) {
    throw usageError('setting-invalid', 'A setting in the environment is not valid', problems);
  }
  return settings;
}

/** The wait before the next attempt after so many failures in a row: it doubles, up to a minute. */
export function retryDelay(failures: number, { retryMs }: Pick<RuntimeSettings, 'retryMs'>): number {
  // A retry_delay of 0 is none, as in the original.
  const first = retryMs || FIRST_DELAY_MS;
  return backOff(failures, Math.max(first, LONGEST_DELAY_MS), first);
}

function modesOf(text: string, variable: string, problems: Problem[]): ReadonlySet<RunMode> {
  const modes = new Set<RunMode>();
  for (const word of text.split(',').map((part) => part.trim())) {
    const mode = MODES.find((one) => one === word);
    if (mode !== undefined) modes.add(mode);
    else if (word === 'both') for (const one of ['batch', 'daemon'] as const) modes.add(one);
    else if (word === 'all') for (const one of MODES) modes.add(one);
    else {
      const message = `"${printable(word)}": expected manual, batch, daemon, both or all`;
      problems.push({ path: variable, message });
    }
  }
  return modes;
}

function rulesOf(env: Readonly<Record<string, string | undefined>>): RuntimeSettings['rules'] {
  return Object.entries(env)
    .filter(([name, rule]) => (name === 'cmd' || name.includes(RULE_VARIABLE)) && rule?.trim())
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([variable, rule = '']) => ({ variable: printable(variable), rule }));
}
