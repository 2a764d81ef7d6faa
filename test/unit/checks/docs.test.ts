import { expect, it } from 'vitest';
import type { DoctorCheck } from '../../../src/checks/doctor-check.js';
import { preflightChecks } from '../../../src/checks/preflight.js';
import { doctorChecks } from '../../../src/checks/registry.js';
import { type CheckGroup, GROUP_TITLES } from '../../../src/model/examination.js';
import { expectText } from '../support/golden-text.js';

const HEAD = `# What doctor looks at

Generated from \`src/checks/\` by \`UPDATE_GOLDENS=1 npx vitest run --project unit test/unit/checks/docs.test.ts\`.

\`bridge-setup doctor\` reads the host once and asks every check that applies to it. A finding says what is so, why, and what to do. Groups where all is well are one line; \`-v\` shows every check. A check that crashes is a finding, too. It exits 6 when there is an error, and 0 with warnings only.

\`bridge-setup doctor --fix\` mends what can be mended without cutting anybody off: it shows the steps, asks (\`--yes\`: not), applies them with a checkpoint as a set-up does, and looks again. What fails, or makes things worse, is taken back; \`bridge-setup rollback --last\` takes the newest change back later. \`--dry-run\` prints the plan. Files of the network stay as they are, and so do addresses and routes: those are for a person to decide.

## For monitoring

\`bridge-setup doctor --json\` prints one document:

| key | what |
|---|---|
| \`ok\` | false when any finding is an error |
| \`checks\` | \`id\`, \`title\`, \`group\` and \`status\` of each check that was asked: \`ok\`, \`info\`, \`unknown\` (could not be looked at), \`warning\` or \`error\` |
| \`findings\` | \`check\`: name of what was found, stable; \`by\`: id of the check; \`severity\`, \`message\`, \`cause\`, and \`remedy\` where there is one |

Ids and names stay as they are; messages may change.
`;

const WHERE = { 'set-up': 'once the host is set up', 'not-set-up': 'before the host is set up' };

function entry({ id, title, on, looksAt, cause, fix }: DoctorCheck): string {
  return [
    `### ${title}`,
    '',
    `\`${id}\`${on === undefined ? '' : `, ${WHERE[on]}`}`,
    '',
    `Looks at: ${looksAt}`,
    '',
    `Cause: ${cause}`,
    '',
    ...(fix === undefined ? [] : [`\`--fix\`: ${fix.does}`, '']),
  ].join('\n');
}

it('docs/checks.md is what the checks say', () => {
  const groups = (Object.keys(GROUP_TITLES) as CheckGroup[]).map((group) => {
    const checks = doctorChecks.filter((check) => check.group === group);
    return [`## ${GROUP_TITLES[group]}`, '', ...checks.map(entry)].join('\n');
  });
  const overview = `\n${doctorChecks.length} checks.\n`;
  expectText('docs/checks.md', `${HEAD}${overview}\n${groups.join('\n')}`);
});

it('every check before a set-up is one of doctor, too, but that doctor itself needs no root', () => {
  const missing = preflightChecks.filter((check) => !doctorChecks.includes(check));
  expect(missing.map(({ id }) => id)).toEqual(['not-root']);
});

it('each has an id of its own, and whole sentences', () => {
  const ids = doctorChecks.map(({ id }) => id);
  expect(ids.length).toBe(new Set(ids).size);
  const sentences = doctorChecks.flatMap(({ looksAt, cause, fix }) => [looksAt, cause, fix?.does ?? cause]);
  expect(sentences.filter((text) => !/^[A-Za-z].*\.$/.test(text))).toEqual([]);
});
