import type { ContainerInfo, ImageInfo } from '../host/host.js';

/** A rule as it stands at a container, and where. All of it is anybody's text. */
export interface RuleSource {
  /** Name of the environment variable. */
  readonly name: string;
  readonly text: string;
  /** The image brings it along, word for word: whoever ran the container may not know of it. */
  readonly fromImage: boolean;
}

/** The names that docker-pipework takes for rules (its entrypoint.sh: `grep 'pipework_cmd.*='`). */
const VARIABLE = /pipework_cmd/;

/**
 * The rules that a container has. The environment of a container is that of its image and what was given at
 * `docker run`, merged by name (Docker Engine API, ContainerInspect and ImageInspect, `Config.Env`): what is in the image
 * word for word counts as the image's.
 * @param image what the image brings along; `null`: it cannot be looked at, so nothing is known to be given at `docker run`
 */
export function ruleSources(container: ContainerInfo, image: ImageInfo | null): RuleSource[] {
  const inImage = image === null ? null : new Set(image.env);
  return container.env
    .map((line) => ({ ...splitVariable(line), fromImage: inImage === null || inImage.has(line) }))
    .filter(({ name, text }) => VARIABLE.test(name) && text.trim() !== '')
    .sort((a, b) => compareBytes(a.name, b.name));
}

/** Whether a container has rules at all, wherever from: for most there is nothing to ask Docker about. */
export function hasRules(container: ContainerInfo): boolean {
  return ruleSources(container, null).length > 0;
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
