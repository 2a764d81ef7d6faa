import { expect, it } from 'vitest';
import { misspeltNames } from '../../../src/attach/rule-sources.js';

const names = (...of: string[]) =>
  misspeltNames({ env: of.map((name) => `${name}=x`), labels: {} }).map(({ name }) => name);
const labels = (...of: string[]) =>
  misspeltNames({ env: [], labels: Object.fromEntries(of.map((name) => [name, 'x'])) }).map(
    ({ name }) => name,
  );

it('finds variables that are nearly those of a rule', () => {
  const near = [
    'pipework_cdm',
    'PIPEWORK_CMD',
    'pipwork_cmd',
    'pipework-cmd',
    'pipeworkcmd',
    'host_pipework_cm_eth1',
  ];
  expect(names(...near)).toEqual(near);
});

it('takes no other variable for one', () => {
  expect(
    names(
      'pipework_cmd',
      'host_pipework_cmd_eth1',
      'pipework_key',
      'PATH',
      'pipework',
      'pipeline_cmd',
      'pipework_log',
    ),
  ).toEqual([]);
});

it('finds labels that are nearly ours, and no others', () => {
  const near = ['bridge-setup.atach', 'bridge-setup.attach1', 'bridge_setup.attach', 'bridgesetup.attach'];
  expect(labels(...near)).toEqual(near);
  expect(
    labels('bridge-setup.attach', 'bridge-setup.attach.1', 'bridge-setup.key', 'com.docker.compose.project'),
  ).toEqual([]);
});
