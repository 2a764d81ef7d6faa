import type { Host } from '../host/host.js';
import type { ProgramFacts } from '../model/doctor-facts.js';
import type { HostFacts } from '../model/facts.js';
import { PROGRAM_FOLDER, PROGRAM_RECORD, RUNTIME_UNIT_FILE } from '../model/paths.js';
import { ownFiles, ownProgram, programInfo } from './program-info.js';

/** The program that runs now against the one that is installed, and the Node.js of both. */
export async function readProgramFacts(host: Host, { files, runtime }: HostFacts): Promise<ProgramFacts> {
  const { root, node } = ownProgram();
  const manifest = JSON.parse((await ownFiles(host).read(`${root}/package.json`)) ?? '{}') as {
    engines?: { node?: string };
  };
  const isInstalled = runtime.programDigest === null || (await host.files.realpath(root)) === PROGRAM_FOLDER;
  const record = `${PROGRAM_FOLDER}/${PROGRAM_RECORD}`;
  const written = runtime.programDigest === null ? null : await modified(host, record);
  return {
    node: process.versions.node,
    neededNode: (manifest.engines?.node ?? '').replace(/^>=/, ''),
    serviceNode: await serviceNode(host, files[RUNTIME_UNIT_FILE]?.content, node),
    digest: isInstalled ? null : (await programInfo(host)).digest,
    installedAt: written,
  };
}

/** The first word of the service's command: the Node.js that it was installed with. */
async function serviceNode(
  host: Host,
  unit: string | undefined,
  own: string,
): Promise<ProgramFacts['serviceNode']> {
  const path = /^ExecStart=[-@:+!]*"?([^"\s]+)/m.exec(unit ?? '')?.[1];
  if (path === undefined) return null;
  if (path === own) return { path, version: process.versions.node };
  const { exitCode, stdout } = await host.run([path, '--version'], { check: false, timeoutMs: 5000 });
  return { path, version: exitCode === 0 ? stdout.trim().replace(/^v/, '') : null };
}

async function modified(host: Host, path: string): Promise<number | null> {
  const { exitCode, stdout } = await host.run(['stat', '--format=%Y', path], { check: false });
  return exitCode === 0 ? Number(stdout) * 1000 : null;
}
