import { setMaxListeners } from 'node:events';
import { createReadStream } from 'node:fs';
import type Dockerode from 'dockerode';
import { EXIT, messageOf, SetupError } from '../errors.js';
import {
  parseContainer,
  parseEvents,
  parseIds,
  parseImage,
  parseNetworks,
  parseVersion,
} from './docker-documents.js';
import { DockerReader } from './docker-reader.js';
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

/** Why a question is given up that was answered: without a reason an error is made for it, each time. */
const OVER = new Error('it was answered');

const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number }).statusCode;

/** The engine behind a local socket. */
export class LocalDocker implements Docker {
  #client: Promise<Dockerode> | null = null;
  /** Tells `end` when the engine has ended its events: a question that it was asked just before is never answered. */
  readonly #lost = new EventTarget();

  readonly #reader: DockerReader;

  /** @param root where this process finds the files of the engine's host */
  constructor(
    private readonly socketPath = '/var/run/docker.sock',
    private readonly root = '',
  ) {
    // As many as there are questions.
    setMaxListeners(0, this.#lost);
    this.#reader = new DockerReader(socketPath);
  }

  async #ask<T>(
    action: string,
    call: (signal: AbortSignal) => Promise<T>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    const done = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs);
    });
    const end = new Promise<never>((_, reject) =>
      this.#lost.addEventListener('end', () => reject(new Error('it ended meanwhile')), {
        once: true,
        signal: done.signal,
      }),
    );
    try {
      return await Promise.race([call(done.signal), deadline, end]);
    } catch (error) {
      throw new DockerError(action, error);
    } finally {
      clearTimeout(timer);
      done.abort(OVER);
    }
  }

  /** Ask for a document. */
  #read(action: string, path: string): Promise<unknown> {
    return this.#ask(action, (signal) => this.#reader.read(path, signal));
  }

  /** Have something done. dockerode is loaded here: it is heavy, and the daemon never needs it. */
  #act<T>(action: string, call: (engine: Dockerode) => Promise<T>, timeoutMs?: number): Promise<T> {
    const { socketPath } = this;
    this.#client ??= import('dockerode').then(({ default: Client }) => new Client({ socketPath }));
    const client = this.#client;
    return this.#ask(action, async () => call(await client), timeoutMs);
  }

  async version(): Promise<string> {
    return parseVersion(await this.#read('tell its version', '/version'));
  }

  async securityOptions(): Promise<readonly string[]> {
    const info = (await this.#read('tell about itself', '/info')) as {
      SecurityOptions?: string[] | null;
    } | null;
    return info?.SecurityOptions ?? [];
  }

  async bridgeNetworks(): Promise<readonly { readonly name: string; readonly bridge: string }[]> {
    const filters = encodeURIComponent('{"driver":["bridge"]}');
    return parseNetworks(await this.#read('list networks', `/networks?filters=${filters}`));
  }

  async listContainers(): Promise<readonly string[]> {
    return parseIds(await this.#read('list containers', '/containers/json'));
  }

  async inspect(idOrName: string): Promise<ContainerInfo | null> {
    const path = `/containers/${encodeURIComponent(idOrName)}/json`;
    const document = await this.#read(`inspect ${idOrName}`, path);
    return document === null ? null : parseContainer(document);
  }

  async *events(signal: AbortSignal, onOpen: () => void): AsyncIterable<ContainerEvent> {
    const filters = encodeURIComponent('{"type":["container"]}');
    const stream = await this.#ask('send events', () =>
      this.#reader.stream(`/events?filters=${filters}`, signal),
    );
    onOpen();
    try {
      yield* parseEvents(stream);
    } finally {
      if (!signal.aborted) this.#lost.dispatchEvent(new Event('end'));
    }
  }

  async hasImage(reference: string): Promise<boolean> {
    return (await this.inspectImage(reference)) !== null;
  }

  async inspectImage(reference: string): Promise<ImageInfo | null> {
    // The engine takes the slashes of a name as they are.
    const path = `/images/${reference.split('/').map(encodeURIComponent).join('/')}/json`;
    const document = await this.#read(`look for the image ${reference}`, path);
    return document === null ? null : parseImage(document);
  }

  async pull(reference: string): Promise<void> {
    await this.#act(
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
    await this.#act(`remove the image ${reference}`, (engine) => engine.getImage(reference).remove());
  }

  async importImage(tarPath: string, reference: string): Promise<void> {
    await this.#act(
      'import an image',
      async (engine) => {
        const [repo, tag = 'latest'] = reference.split(':');
        const progress = await engine.importImage(createReadStream(this.root + tarPath), { repo, tag });
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
    return this.#act(`start the container ${options.name}`, async (engine) => {
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
    await this.#act(`restart ${id.slice(0, 12)}`, (engine) => engine.getContainer(id).restart({ t: 0 }));
  }

  async remove(id: string): Promise<void> {
    await this.#act(`remove ${id.slice(0, 12)}`, (engine) =>
      engine
        .getContainer(id)
        .remove({ force: true, v: true })
        .catch((error: unknown) => {
          if (statusOf(error) !== 404) throw error;
        }),
    );
  }
}
