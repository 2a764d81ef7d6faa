import { type AttachConfig, parseConfig } from '../attach/config.js';
import { hasRules } from '../attach/rule-sources.js';
import { rulesOfContainer } from '../attach/rules-of-container.js';
import { messageOf, SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ContainerRule } from '../model/container-rule.js';
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
      if (container === null || !hasRules(container)) continue;
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
