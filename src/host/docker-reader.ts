import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import { z } from 'zod';

const errorSchema = z.object({ message: z.string() });

/**
 * Reads from the Docker Engine API (docs.docker.com, "Engine API") over its socket. What the daemon asks for all the
 * time is four paths, and dockerode with all that it brings along takes 20 MiB of memory, and some time in each attach.
 */
export class DockerReader {
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 2 });

  constructor(private readonly socketPath: string) {}

  /** The document at a path; `null` when there is none (404). */
  async read(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#open(path, signal);
    const body = await textOf(response);
    if (response.statusCode === 404) return null;
    refuseFailure(response, body);
    return JSON.parse(body);
  }

  /** The answer of a path, which may have no end. */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#open(path, signal);
    if (response.statusCode !== 200) refuseFailure(response, await textOf(response));
    return response;
  }

  /** An engine that has restarted has closed the connections that were kept: then another one is made. */
  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    for (;;) {
      const { socketPath } = this;
      const request = get({ socketPath, path, agent: this.#agent, headers: { host: 'docker' }, signal });
      try {
        return await answerTo(request);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (!request.reusedSocket || (code !== 'ECONNRESET' && code !== 'EPIPE')) throw error;
      }
    }
  }
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

function refuseFailure({ statusCode = 0 }: IncomingMessage, body: string): void {
  if (statusCode >= 200 && statusCode < 300) return;
  let said = body.trim();
  try {
    said = errorSchema.parse(JSON.parse(body)).message;
  } catch {
    // As it is, then.
  }
  throw new Error(`${said || 'no reason given'} (${statusCode})`);
}
