import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Answers } from '../model/answers.js';
import type { Program } from '../model/plan.js';
import { isRuntimeContainer } from '../model/runtime-container.js';
import type { GivenAnswers } from './answers-file.js';

/**
 * Where this runs as a container, the runtime is to be one, too, and of the same image, unless the answers say
 * otherwise: the host may have no Node.js.
 */
export function forContainer(asked: GivenAnswers, { container }: Program): GivenAnswers {
  if (container === undefined) return asked;
  const { answers, given, detected } = asked;
  const install = given.includes('runtime.install') ? null : 'container';
  const image = given.includes('runtime.image') ? null : container.image;
  return {
    given,
    answers: {
      ...answers,
      runtime: { install: install ?? answers.runtime.install, image: image ?? answers.runtime.image },
    },
    detected: {
      ...detected,
      ...(install === null ? {} : { 'runtime.install': 'bridge-setup runs as one' }),
      ...(image === null ? {} : { 'runtime.image': 'the one that it runs of' }),
    },
  };
}

/** Refuse, before anything is changed, where the runtime is to be a container of an image that is not there. */
export async function refuseMissingImage(host: Host, { runtime }: Answers): Promise<void> {
  if (runtime.install !== 'container') return;
  const image = await host.docker.inspectImage(runtime.image).catch(() => null);
  if (image !== null && isRuntimeContainer(image)) return;
  throw refusal('runtime-image', 'Refused; nothing was changed.', [
    {
      path: 'runtime.image',
      message:
        image === null
          ? `There is no image ${runtime.image} on this host.`
          : `The image ${runtime.image} is not one of bridge-setup.`,
      remedy: 'Make it of a clone of bridge-setup: `docker build -t bridge-setup .`',
    },
  ]);
}
