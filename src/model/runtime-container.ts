/** Name of the container that is the attach runtime. */
export const RUNTIME_CONTAINER = 'bridge-setup';
/** Its image, where the answers name no other. */
export const RUNTIME_IMAGE = 'bridge-setup';

/** What makes a container of this image act on its host: in the host's network, and with the host's processes in sight. */
export const ON_THE_HOST = ['--privileged', '--pid=host', '--net=host'] as const;

const MARK = '#!/bin/sh\n# Written by bridge-setup, which runs as a container here';

/** Whether a command of the host is one of ours that starts a container; see templates/container/. */
export const isOwnCommand = (content: string): boolean => content.startsWith(MARK);

/** The command that starts the attach runtime as a container. The documentation has the same, and the tests run it. */
export function runtimeContainerCommand(image: string): string[] {
  const kept = ['-d', '--restart=always', `--name=${RUNTIME_CONTAINER}`];
  return ['docker', 'run', ...kept, ...ON_THE_HOST, image];
}

/** The command that ends it: what takes the one that starts it back. */
export const END_RUNTIME_CONTAINER = ['docker', 'rm', '--force', RUNTIME_CONTAINER] as const;

/** The image sets it to 1 (see the Dockerfile). */
export const IN_CONTAINER = 'BRIDGE_SETUP_IN_CONTAINER';

/** Whether a process with this environment is bridge-setup in a container of its own. */
export function runsInContainer(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[IN_CONTAINER] === '1';
}

/** Whether a container, or what an image makes, is bridge-setup itself. */
export function isRuntimeContainer({ env }: { readonly env: readonly string[] }): boolean {
  return env.includes(`${IN_CONTAINER}=1`);
}
