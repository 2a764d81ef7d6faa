import { z } from 'zod';
import { messageOf, type Problem, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import { type Answers, answersSchema } from '../model/answers.js';
import { existingProblems } from '../model/answers-bridge.js';
import { nearestOf } from '../suggest.js';
import { duplicateKeys } from './duplicate-keys.js';

const MAX_BYTES = 256 * 1024;

/** Answers, and which of their values somebody gave: JSON paths; the others are defaults. */
export interface GivenAnswers {
  readonly answers: Answers;
  readonly given: readonly string[];
  /** Where values come from that nobody was asked for, by path. */
  readonly detected?: Readonly<Record<string, string>>;
}

/** Read answers from a file, or from standard input for `-`. Every problem is listed, with its JSON path. */
export async function readAnswers(host: Host, source: string): Promise<Answers> {
  return (await readGivenAnswers(host, source)).answers;
}

/** The same, with what stands in the file. */
export async function readGivenAnswers(host: Host, source: string): Promise<GivenAnswers> {
  const name = source === '-' ? 'standard input' : source;
  const text = source === '-' ? await readStdin() : await readNamed(host, source);
  if (text === null)
    throw usageError(
      'answers-not-found',
      `There is no file ${source}.`,
      [],
      'Give the path of an answers file, or - for standard input.',
    );
  if (text.length > MAX_BYTES)
    throw usageError('answers-too-long', `${name} is longer than ${MAX_BYTES} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError('answers-not-json', `${name} is not JSON: ${(error as Error).message}`);
  }
  const twice = duplicateKeys(text).map((path) => ({
    path: jsonPath(path),
    message: 'appears more than once in its object, and only one of them can be meant',
    remedy: 'Leave one of them.',
  }));
  return { answers: parseAnswers(value, twice), given: leafPaths(value) };
}

/** Paths of all values that are no group. */
export function leafPaths(value: unknown, path: readonly string[] = []): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [jsonPath(path)];
  return Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]));
}

/** A file that a person named. It may be a directory, or not for us to read: that is their error, not a bug. */
export async function readNamed(host: Host, path: string): Promise<string | null> {
  try {
    return await host.files.read(path);
  } catch (error) {
    throw usageError('file-unreadable', `${path} cannot be read: ${messageOf(error)}`);
  }
}

/**
 * Parse answers. Throws `answers-invalid` with every problem.
 * @param others problems of the text that the value no longer shows
 */
export function parseAnswers(value: unknown, others: readonly Problem[] = []): Answers {
  const result = answersSchema.safeParse(value, { reportInput: true });
  const contradictions = existingProblems(value);
  if (result.success && others.length + contradictions.length === 0) return result.data;
  const problems = [...others, ...(result.error?.issues ?? []).flatMap(problemsOf), ...contradictions];
  throw usageError(
    'answers-invalid',
    problems.length === 1 ? 'The answers are not valid.' : `The answers have ${problems.length} problems.`,
    problems,
    '`bridge-setup answers --schema` prints what is accepted.',
  );
}

type Issue = z.core.$ZodIssue;

const UPLINK_REQUIRED = {
  path: 'bridge.uplink',
  message: 'required: the NIC that becomes the port of the bridge, or "auto"',
};

function problemsOf(issue: Issue): Problem[] {
  const path = jsonPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => ({
      path: jsonPath([...issue.path, key]),
      message: 'unknown key',
      ...suggestion(key, known),
    }));
  }
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union')) {
    // `bridge` missing altogether means that what it requires is missing.
    return [path === 'bridge' || path === 'bridge.uplink' ? UPLINK_REQUIRED : { path, message: 'required' }];
  }
  if (issue.code === 'invalid_union') {
    // The branch that came nearest speaks for all: the last one, which is the pattern.
    return [{ path, message: issue.errors.at(-1)?.[0]?.message ?? issue.message }];
  }
  return [{ path, message: issue.message }];
}

/** `verify.ping.0`; a key that is no plain word is quoted. */
function jsonPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(document)';
  return path
    .map((key) => (/^[\w$-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key))))
    .join('.');
}

/** Keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema = z.toJSONSchema(answersSchema, { io: 'input' }) as
    | { properties?: Record<string, object> }
    | undefined;
  for (const key of path) schema = schema?.properties?.[String(key)];
  return Object.keys(schema?.properties ?? {});
}

function suggestion(key: string, known: readonly string[]): { remedy?: string } {
  if (known.length === 0) return {};
  const nearest = nearestOf(key, known);
  return { remedy: nearest === null ? `Known here: ${known.join(', ')}.` : `Did you mean "${nearest}"?` };
}

async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.length > MAX_BYTES) break;
  }
  return text;
}
