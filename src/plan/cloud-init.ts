import type { Answers } from '../model/answers.js';
import { rewrittenByCloudInit } from '../model/cloud-init.js';
import type { HostFacts } from '../model/facts.js';
import { CLOUD_INIT_FILE } from '../model/paths.js';
import type { Step } from '../model/plan.js';
import { render } from '../templates.js';

/** Switches cloud-init's network configuration off, where it would undo the bridge and the answers want that. */
export function cloudInitSteps(facts: HostFacts, { safety, bridge }: Answers, uplink: string): Step[] {
  if (safety.cloudInit !== 'disable') return [];
  if (rewrittenByCloudInit(facts, [uplink, bridge.name]) === null) return [];
  return [
    {
      id: 'cloud-init',
      title: 'Keep cloud-init from writing the network files anew',
      kind: 'write-file',
      path: CLOUD_INIT_FILE,
      content: render('cloud-init/99-bridge-setup.cfg.ejs', {}),
      mode: 0o644,
      before: facts.files[CLOUD_INIT_FILE]?.content ?? null,
    },
  ];
}
