import { z } from 'zod';
import type { ContainerEvent, ContainerInfo, ImageInfo } from './host.js';

const strings = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');

/** What is read of a container (Engine API, ContainerInspect). */
const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  ResolvConfPath: text,
  State: z.object({ Running: z.boolean(), Pid: z.number(), StartedAt: z.string(), FinishedAt: z.string() }),
  Config: z.object({ Env: strings, Hostname: text, Image: text, Labels: labels }),
  HostConfig: z.object({ NetworkMode: text, Dns: strings, DnsSearch: strings }),
});

/** An image made by `docker import` may have no configuration at all (ImageInspect). */
const imageSchema = z.object({ Id: text, Config: z.object({ Env: strings, Labels: labels }).nullish() });

const listSchema = z.array(z.object({ Id: z.string() }));
const networksSchema = z.array(z.object({ Id: z.string(), Name: z.string(), Driver: text, Options: labels }));
const versionSchema = z.object({ Version: z.string() });
const eventSchema = z.object({
  Action: text,
  Actor: z.object({ ID: text, Attributes: z.object({ name: text }).nullish() }).nullish(),
});

/** A container, of the engine's document about it. */
export function parseContainer(document: unknown): ContainerInfo {
  const { Id, Name, Image, ResolvConfPath, State, Config, HostConfig } = containerSchema.parse(document);
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    running: State.Running,
    pid: State.Pid,
    startedAt: State.StartedAt,
    env: Config.Env,
    hostname: Config.Hostname,
    networkMode: HostConfig.NetworkMode,
    image: Config.Image,
    imageId: Image,
    labels: Config.Labels,
    finishedAt: State.FinishedAt,
    resolvConfPath: ResolvConfPath,
    hasOwnDns: HostConfig.Dns.length + HostConfig.DnsSearch.length > 0,
  };
}

/** Networks of the driver `bridge`, each with its bridge: Docker names it after the network unless told otherwise. */
export function parseNetworks(document: unknown): { readonly name: string; readonly bridge: string }[] {
  return networksSchema
    .parse(document ?? [])
    .filter(({ Driver }) => Driver === 'bridge')
    .map(({ Id, Name, Options }) => ({
      name: Name,
      bridge: Options['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`,
    }));
}

/** What an image brings along. */
export function parseImage(document: unknown): ImageInfo {
  const { Id, Config } = imageSchema.parse(document);
  return { id: Id, env: Config?.Env ?? [], labels: Config?.Labels ?? {} };
}

/** The ids of a list of containers. */
export const parseIds = (document: unknown): string[] => listSchema.parse(document).map(({ Id }) => Id);

/** The version of the engine. */
export const parseVersion = (document: unknown): string => versionSchema.parse(document).Version;

/** Events: one JSON object a line; a chunk may end anywhere. */
export async function* parseEvents(stream: NodeJS.ReadableStream): AsyncGenerator<ContainerEvent> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      const { Action, Actor } = eventSchema.parse(JSON.parse(line));
      yield { action: Action, id: Actor?.ID ?? '', name: Actor?.Attributes?.name ?? '' };
    }
  }
}
