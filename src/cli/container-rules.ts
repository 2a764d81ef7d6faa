import { type AttachConfig, parseConfig } from '../attach/config.js';
import { hasRules, misspeltNames } from '../attach/rule-sources.js';
import { rulesOfContainer } from '../attach/rules-of-container.js';
import { messageOf, SetupError } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import { type ContainerRule, MISSPELT } from '../model/container-rule.js';
import type { HostFacts } from '../model/facts.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';

/** The runtime's configuration, and why it would refuse it. */
export function readRuntimeConfig({ files }: Pick<HostFacts, 'files'>): {
  readonly config: AttachConfig | null;
  readonly problem: string | null;
} {
  const text = files[RUNTIME_CONFIG_FILE]?.content;
  if (text === undefined) return { config: null, problem: null };
  try {
    return { config: parseConfig(text), problem: null };
  } catch (error) {
    const more =
      error instanceof SetupError
        ? error.problems.map(({ path, message }) => (path === undefined ? message : `${path}: ${message}`))
        : [];
    return { config: null, problem: [messageOf(error), ...more].join('; ') };
  }
}

/** What is probably meant to be a rule, and is not read as one. */
function misspelt(container: ContainerInfo): ContainerRule[] {
  return misspeltNames(container).map(({ name, meant }) => ({
    ...{ container: container.name, containerId: container.id, variable: name, interfaceName: null },
    problem: {
      code: MISSPELT,
      message: `this name is not read, and "${meant}" was probably meant`,
      remedy: `Re-create the container with "${meant}" for "${name}".`,
    },
  }));
}

/** What the rules of the running containers come to; none where Docker goes away meanwhile. */
export async function readContainerRules(
  host: Host,
  policy: AttachConfig | null,
): Promise<ContainerRule[] | null> {
  if (policy === null) return [];
  const rules: ContainerRule[] = [];
  try {
    for (const id of await host.docker.listContainers()) {
      const container = await host.docker.inspect(id);
      if (container === null) continue;
      rules.push(...misspelt(container));
      if (!hasRules(container)) continue;
      const image = await host.docker.inspectImage(container.imageId);
      const { endpoints, problems } = rulesOfContainer(container, policy, image);
      const of = { container: container.name, containerId: container.id };
      rules.push(
        ...endpoints.map(({ interfaceName }) => ({ ...of, variable: '', interfaceName, problem: null })),
        ...problems.map(({ variable, endpoint, code, message, remedy }) => ({
          ...of,
          variable,
          interfaceName: endpoint?.interfaceName ?? null,
          problem: { code, message, remedy },
        })),
      );
    }
  } catch {
    return null;
  }
  return rules;
}
