import { parseAnswers } from '../../../src/cli/answers-file.js';
import type { Answers, AnswersInput } from '../../../src/model/answers.js';
import type { Program } from '../../../src/model/plan.js';

/** Answers as a person might give them: br0 on the NIC with the default route, all else left to the defaults. */
export function answersWith({ bridge, ...rest }: Partial<AnswersInput> = {}): Answers {
  return parseAnswers({ version: 1, bridge: { uplink: 'auto', ...bridge }, ...rest });
}

/** The program as it might run from npx's cache. */
export const PROGRAM: Program = {
  root: '/root/.npm/_npx/3c1/node_modules/bridge-setup',
  version: '0.1.0',
  digest: '0123456789abcdef',
  node: '/usr/bin/node',
};

/** Its files on a host, as far as an installation looks at them. */
export const PROGRAM_FILES = Object.fromEntries(
  Object.entries({
    'package.json': JSON.stringify({ files: ['bin', 'dist'] }),
    'bin/bridge-setup.js': '#!/usr/bin/env node\n',
    'bin/pipework.js': '#!/usr/bin/env node\n',
  }).map(([path, content]) => [`${PROGRAM.root}/${path}`, { content, mode: 0o755 }]),
);
