import type { Problem } from '../errors.js';
import type { ContainerInfo } from '../host/host.js';
import { printable } from './rule.js';

const KINDS = ['container', 'image', 'label'] as const;

/** Which containers are looked at: for each kind that is there, what has to fit. */
export type EventFilters = Readonly<Partial<Record<(typeof KINDS)[number], readonly string[]>>>;

/**
 * Parse `event_filters` as docker-pipework documents it ("4. Config.md"): filters of `docker events`, separated by
 * commas, perhaps in quotes. There it never worked. `event=start` and `event=die` ask for what happens anyway.
 * @param problems receives each filter that makes no sense
 */
export function parseEventFilters(text: string, variable: string, problems: Problem[]): EventFilters {
  const filters: Partial<Record<(typeof KINDS)[number], string[]>> = {};
  for (const part of text.split(',')) {
    const filter = part.trim().replace(/^(["'])(.*)\1$/, '$2');
    if (filter === '') continue;
    const equals = filter.indexOf('=');
    const name = filter.slice(0, Math.max(0, equals)).trim();
    const value = filter.slice(equals + 1).trim();
    if (name === 'event' && ['start', 'die'].includes(value)) continue;
    const kind = KINDS.find((one) => one === name);
    if (kind === undefined || value === '') {
      const message = `"${printable(filter)}": expected container=…, image=… or label=…`;
      problems.push({ path: variable, message });
      continue;
    }
    filters[kind] = [...(filters[kind] ?? []), value];
  }
  return filters;
}

/**
 * Whether a container passes, as in `docker events` (moby, daemon/events/filter.go): one of several containers or
 * images, all of several labels; ids and names of containers may be shortened, images be without their tag.
 */
export function passesFilters(container: ContainerInfo, filters: EventFilters): boolean {
  const { id, name, image, labels } = container;
  const containers = filters.container ?? [''];
  const images = filters.image ?? [image];
  const isLabelled = (label: string) => {
    const equals = label.indexOf('=');
    return equals < 0
      ? Object.hasOwn(labels, label)
      : labels[label.slice(0, equals)] === label.slice(equals + 1);
  };
  return (
    containers.some((start) => id.startsWith(start) || name.startsWith(start.replace(/^\//, ''))) &&
    images.some((one) => one === image || one === withoutTag(image)) &&
    (filters.label ?? []).every(isLabelled)
  );
}

/** A colon before the last slash is that of a registry's port. */
function withoutTag(image: string): string {
  return image.replace(/(@[^/]*|:[^/]*)$/, '');
}
