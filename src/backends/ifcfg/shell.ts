/**
 * A file of assignments that bash sources, such as `ifcfg-eth0`. Every line is held byte for byte, so that a file can
 * be changed in one place and left alone everywhere else. Nothing in it is ever executed.
 */
export interface ShellFile {
  readonly lines: readonly ShellLine[];
}

/** A logical line: to the first newline that is neither quoted nor escaped. */
export interface ShellLine {
  /** As it stands in the file, line end included. */
  readonly raw: string;
  /** Number of its first physical line, from 1. */
  readonly number: number;
  readonly assignments: readonly Assignment[];
  /** What bash would make of it that is more than to assign fixed texts; `null` when there is nothing. */
  readonly problem: ShellProblem | null;
}

/** `syntax`: bash runs a command or stops; `crlf`: the carriage return belongs to the value; `expansion`: see message. */
export interface ShellProblem {
  readonly kind: 'syntax' | 'crlf' | 'expansion';
  readonly message: string;
}

/** `NAME=value`, or `export NAME=value`. */
export interface Assignment {
  readonly name: string;
  /** Quotes and escapes taken away; `null` when it is known at run time only. */
  readonly value: string | null;
  /** Variables whose values it takes up: `"-K ${DEVICE} tso on"`. */
  readonly variables: readonly string[];
  /** Within the line: where the name (or `export`) begins, the value begins, and the value ends. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** Back to text. The inverse of `parse`, for any input. */
export function print({ lines }: ShellFile): string {
  return lines.map(({ raw }) => raw).join('');
}

/** All assignments, in the order in which bash carries them out. */
export function assignmentsOf({ lines }: ShellFile): Assignment[] {
  return lines.flatMap(({ assignments }) => assignments);
}

/** The value of a variable once the file was read; empty when it has none, which the network scripts take for the same. */
export function variable(file: ShellFile, name: string): string {
  return assignmentsOf(file).findLast((assignment) => assignment.name === name)?.value ?? '';
}

/** A line that assigns a value, quoted only where bash needs that. */
export function assign(name: string, value: string): string {
  return `${name}=${quoted(value)}\n`;
}

function quoted(value: string): string {
  if (/^[\w.:/%@,+-]*$/.test(value)) return value;
  return `"${value.replace(/["$`\\]/g, '\\$&')}"`;
}

/** A file in two: the text that stays, and the lines of the variables that are taken out of it. */
export function divide(
  { lines }: ShellFile,
  isTaken: (name: string) => boolean,
): { readonly kept: string; readonly taken: readonly string[] } {
  const kept: string[] = [];
  const taken: string[] = [];
  for (const line of lines) {
    const going = line.assignments.filter(({ name }) => isTaken(name));
    if (going.length === 0) kept.push(line.raw);
    // A comment behind it is about it.
    else if (going.length === line.assignments.length) taken.push(closed(line.raw));
    else {
      kept.push(without(line, going));
      taken.push(...going.map(({ start, end }) => `${line.raw.slice(start, end)}\n`));
    }
  }
  return { kept: kept.join(''), taken };
}

/** Several assignments stand in one line, and some of them go. */
function without({ raw, assignments }: ShellLine, going: readonly Assignment[]): string {
  const staying = assignments.filter((assignment) => !going.includes(assignment));
  const first = assignments[0]?.start ?? 0;
  const last = assignments.at(-1)?.end ?? raw.length;
  const rest = staying.map(({ start, end }) => raw.slice(start, end)).join('; ');
  return raw.slice(0, first) + rest + raw.slice(last);
}

/** The text with another value of a variable: in its own place, else as a line at the end. */
export function withValue(text: string, { lines }: ShellFile, name: string, value: string): string {
  const line = lines.findLast(({ assignments }) => assignments.some((each) => each.name === name));
  const last = line?.assignments.findLast((each) => each.name === name);
  if (line === undefined || last === undefined) return closed(text) + assign(name, value);
  const raw = line.raw.slice(0, last.valueStart) + quoted(value) + line.raw.slice(last.end);
  return lines.map((each) => (each === line ? raw : each.raw)).join('');
}

/** With a line end, where there is any text. */
export function closed(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
