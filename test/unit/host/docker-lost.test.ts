import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalDocker } from '../../../src/host/docker.js';

describe('LocalDocker, when the engine ends', () => {
  let folder: string;
  let server: Server;
  let events: ServerResponse | null;
  beforeEach(async () => {
    folder = await mkdtemp(`${tmpdir()}/docker-`);
    events = null;
    // It tells of one event, and answers no question.
    server = createServer((request, response) => {
      if (!request.url?.startsWith('/events')) return;
      events = response;
      response.write('{"Action":"start","Actor":{"ID":"abc","Attributes":{"name":"web"}}}\n');
    });
    await new Promise<void>((resolve) => server.listen(`${folder}/docker.sock`, resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  it('gives up the questions that it was asked before, and waits for no time limit', async () => {
    const docker = new LocalDocker(`${folder}/docker.sock`);
    const seen: string[] = [];
    let asking: Promise<unknown> = Promise.resolve();
    const following = (async () => {
      for await (const { name } of docker.events(new AbortController().signal, () => {})) {
        seen.push(name);
        asking = docker.inspect('web');
        asking.catch(() => {});
        setTimeout(() => events?.destroy(), 50);
      }
    })();
    await following.catch(() => {});
    expect(seen).toEqual(['web']);
    await expect(asking).rejects.toThrow('Docker could not inspect web: it ended meanwhile');
  });
});
