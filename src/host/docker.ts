import { createReadStream } from 'node:fs';
import type Dockerode from 'dockerode';
import { EXIT, messageOf, SetupError } from '../errors.js';
import type { ContainerEvent, ContainerInfo, Docker, ImageInfo } from './host.js';

const CALL_TIMEOUT_MS = 30_000;
/** Pulling and importing move whole images. */
const IMAGE_TIMEOUT_MS = 300_000;

/** Docker's engine did not do what was asked. */
export class DockerError extends SetupError {
  constructor(action: string, cause: unknown) {
    super('docker-failed', `Docker could not ${action}: ${messageOf(cause)}`, {
      exitCode: EXIT.checkFailed,
      hint: 'Look at `docker info` and `journalctl -u docker`.',
      cause,
    });
  }
}

const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number }).statusCode;

/** The engine behind a local socket. dockerode is loaded at the first call: it is heavy. */
export class LocalDocker implements Docker {
  #client: Promise<Dockerode> | null = null;

  constructor(private readonly socketPath = '/var/run/docker.sock') {}

  #engine(): Promise<Dockerode> {
    const { socketPath } = this;
    this.#client ??= import('dockerode').then(({ default: Client }) => new Client({ socketPath }));
    return this.#client;
  }

  async #ask<T>(
    action: string,
    call: (engine: Dockerode) => Promise<T>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    const engine = await this.#engine();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs);
    });
    try {
      return await Promise.race([call(engine), deadline]);
    } catch (error) {
      throw new DockerError(action, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async version(): Promise<string> {
    return (await this.#ask('tell its version', (engine) => engine.version())).Version;
  }

  async listContainers(): Promise<readonly string[]> {
    const running = await this.#ask('list containers', (engine) => engine.listContainers());
    return running.map(({ Id }) => Id);
  }

  async inspect(idOrName: string): Promise<ContainerInfo | null> {
    const info = await this.#ask(`inspect ${idOrName}`, (engine) =>
      engine
        .getContainer(idOrName)
        .inspect()
        .catch((error: unknown) => {
          if (statusOf(error) === 404) return null;
          throw error;
        }),
    );
    if (info === null) return null;
    return {
      id: info.Id,
      name: info.Name.replace(/^\//, ''),
      running: info.State.Running,
      pid: info.State.Pid,
      startedAt: info.State.StartedAt,
      env: info.Config.Env ?? [],
      hostname: info.Config.Hostname,
      networkMode: info.HostConfig.NetworkMode ?? '',
      image: info.Config.Image,
      imageId: info.Image,
      labels: info.Config.Labels ?? {},
      finishedAt: info.State.FinishedAt,
      resolvConfPath: info.ResolvConfPath ?? '',
      hasOwnDns: [info.HostConfig.Dns, info.HostConfig.DnsSearch].some((given) => given && given.length > 0),
    };
  }

  async *events(signal: AbortSignal, onOpen: () => void): AsyncIterable<ContainerEvent> {
    const stream = await this.#ask('send events', (engine) =>
      engine.getEvents({ filters: { type: ['container'] }, abortSignal: signal }),
    );
    onOpen();
    let rest = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream) {
      // One JSON object a line; a chunk may end anywhere.
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() === '') continue;
        const event = JSON.parse(line) as {
          Action?: string;
          Actor?: { ID?: string; Attributes?: { name?: string } };
        };
        yield {
          action: event.Action ?? '',
          id: event.Actor?.ID ?? '',
          name: event.Actor?.Attributes?.name ?? '',
        };
      }
    }
  }

  async hasImage(reference: string): Promise<boolean> {
    return (await this.inspectImage(reference)) !== null;
  }

  async inspectImage(reference: string): Promise<ImageInfo | null> {
    const info = await this.#ask(`look for the image ${reference}`, (engine) =>
      engine
        .getImage(reference)
        .inspect()
        .catch((error: unknown) => {
          if (statusOf(error) === 404) return null;
          throw error;
        }),
    );
    // An image made by `docker import` may have no configuration at all.
    return info && { env: info.Config?.Env ?? [], labels: info.Config?.Labels ?? {} };
  }

  async pull(reference: string): Promise<void> {
    await this.#ask(
      `pull ${reference}`,
      async (engine) => {
        const progress = await engine.pull(reference);
        await new Promise<void>((resolve, reject) =>
          engine.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
        );
      },
      IMAGE_TIMEOUT_MS,
    );
  }

  async removeImage(reference: string): Promise<void> {
    await this.#ask(`remove the image ${reference}`, (engine) => engine.getImage(reference).remove());
  }

  async importImage(tarPath: string, reference: string): Promise<void> {
    await this.#ask(
      'import an image',
      async (engine) => {
        const [repo, tag = 'latest'] = reference.split(':');
        const progress = await engine.importImage(createReadStream(tarPath), { repo, tag });
        await new Promise<void>((resolve, reject) =>
          engine.modem.followProgress(progress as NodeJS.ReadableStream, (error) =>
            error ? reject(error) : resolve(),
          ),
        );
      },
      IMAGE_TIMEOUT_MS,
    );
  }

  async start(options: Parameters<Docker['start']>[0]): Promise<string> {
    return this.#ask(`start the container ${options.name}`, async (engine) => {
      const container = await engine.createContainer({
        name: options.name,
        Image: options.image,
        Cmd: [...options.command],
        Env: [...options.env],
        Labels: { ...options.labels },
        HostConfig: { NetworkMode: options.networkMode },
      });
      await container.start();
      return container.id;
    });
  }

  async restart(id: string): Promise<void> {
    await this.#ask(`restart ${id.slice(0, 12)}`, (engine) => engine.getContainer(id).restart({ t: 0 }));
  }

  async remove(id: string): Promise<void> {
    await this.#ask(`remove ${id.slice(0, 12)}`, (engine) =>
      engine
        .getContainer(id)
        .remove({ force: true, v: true })
        .catch((error: unknown) => {
          if (statusOf(error) !== 404) throw error;
        }),
    );
  }
}
