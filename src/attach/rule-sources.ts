import { distance } from 'fastest-levenshtein';
import type { ContainerInfo, ImageInfo } from '../host/host.js';
import { isRuntimeContainer } from '../model/runtime-container.js';

/** A rule as it stands at a container, and where. All of it is anybody's text. */
export interface RuleSource {
  /** Name of the environment variable or of the label. */
  readonly name: string;
  readonly text: string;
  /** The image brings it along, word for word: whoever ran the container may not know of it. */
  readonly fromImage: boolean;
}

/** The names that docker-pipework takes for rules (its entrypoint.sh: `grep 'pipework_cmd.*='`). */
const VARIABLE = /pipework_cmd/;
const LABEL = /^bridge-setup\.attach(?:\.(.*))?$/s;
/** docker-pipework's, in the environment (its "4. Config.md", "key"), and the label beside it. */
const KEY_VARIABLE = 'pipework_key';
const KEY_LABEL = 'bridge-setup.key';

/**
 * The rules that a container has, in the order in which they count: `*pipework_cmd*` of its environment by name, as
 * sort(1) has them, then the labels `bridge-setup.attach`, `bridge-setup.attach.1`, `.2` and so on.
 *
 * Environment and labels of a container are those of its image and what was given at `docker run`, merged by name
 * (Docker Engine API, ContainerInspect and ImageInspect, `Config`): what is in the image word for word counts as the
 * image's.
 * @param image what the image brings along; `null`: it cannot be looked at, so nothing is known to be given at `docker run`
 */
export function ruleSources(container: ContainerInfo, image: ImageInfo | null): RuleSource[] {
  const variables = variablesOf(container, image)
    .filter(({ name }) => VARIABLE.test(name))
    .sort((a, b) => compareBytes(a.name, b.name));
  const labels = labelsOf(container, image)
    .filter(({ name }) => LABEL.test(name))
    .sort((a, b) => compareSuffixes(LABEL.exec(a.name)?.[1] ?? '', LABEL.exec(b.name)?.[1] ?? ''));
  return [...variables, ...labels].filter(({ text }) => text.trim() !== '');
}

/**
 * Whether a container has rules at all, wherever from: for most there is nothing to ask Docker about. Those of the
 * runtime's own container are for manual mode: they name other containers.
 */
export function hasRules(container: ContainerInfo): boolean {
  return !isRuntimeContainer(container) && ruleSources(container, null).length > 0;
}

/**
 * Whether a container has the key: the variable `pipework_key` or the label `bridge-setup.key`.
 * @param withImage whether one that the image brings along counts
 */
export function hasKey(
  container: ContainerInfo,
  image: ImageInfo | null,
  key: string,
  withImage: boolean,
): boolean {
  const keys = [
    ...variablesOf(container, image).filter(({ name }) => name === KEY_VARIABLE),
    ...labelsOf(container, image).filter(({ name }) => name === KEY_LABEL),
  ];
  return keys.some(({ text, fromImage }) => text === key && (withImage || !fromImage));
}

/** Name and value of a line of an environment (environ(7)). */
export function splitVariable(line: string): { name: string; text: string } {
  const equals = line.indexOf('=');
  return equals < 0
    ? { name: line, text: '' }
    : { name: line.slice(0, equals), text: line.slice(equals + 1) };
}

/** The order of sort(1) in the C locale. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function variablesOf({ env }: ContainerInfo, image: ImageInfo | null): RuleSource[] {
  const inImage = image === null ? null : new Set(image.env);
  return env.map((line) => ({ ...splitVariable(line), fromImage: inImage === null || inImage.has(line) }));
}

function labelsOf({ labels }: ContainerInfo, image: ImageInfo | null): RuleSource[] {
  const inImage = image === null ? null : new Map(Object.entries(image.labels));
  return Object.entries(labels).map(([name, text]) => ({
    name,
    text,
    fromImage: inImage === null || inImage.get(name) === text,
  }));
}

/** The bare name first, then numbers by their value, then other words. */
function compareSuffixes(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => (/^\d{1,9}$/.test(text) ? Number(text) : null));
  if (a === '' || b === '') return compareBytes(a, b);
  if (first != null && second != null) return first - second || compareBytes(a, b);
  if (first != null || second != null) return first != null ? -1 : 1;
  return compareBytes(a, b);
}

/** A variable or label whose name is not read, and the one that was probably meant. */
export interface MisspeltName {
  readonly name: string;
  readonly meant: string;
}

const PIPEWORK = 'pipework_cmd';
const ATTACH = 'bridge-setup.attach';

/** Names of a container's variables and labels that are nearly those of a rule. */
export function misspeltNames({ env, labels }: Pick<ContainerInfo, 'env' | 'labels'>): MisspeltName[] {
  const variables = env.map((line) => splitVariable(line).name);
  return [
    ...variables
      .filter((name) => !VARIABLE.test(name) && name !== KEY_VARIABLE && isNearly(name, PIPEWORK))
      .map((name) => ({ name, meant: PIPEWORK })),
    ...Object.keys(labels)
      .filter((name) => !LABEL.test(name) && name !== KEY_LABEL && isNearly(name, ATTACH))
      .map((name) => ({ name, meant: ATTACH })),
  ];
}

/** Whether a part of the name is a slip or two away: two letters swapped are two. Case and `-` for `_` are slips, too. */
function isNearly(name: string, meant: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '');
  const [text, wanted] = [plain(name), plain(meant)];
  for (let length = wanted.length - 1; length <= wanted.length + 1; length += 1) {
    for (let at = 0; at + Math.min(length, wanted.length - 1) <= text.length; at += 1) {
      if (distance(text.slice(at, at + length), wanted) <= 2) return true;
    }
  }
  return false;
}
