import { describe, expect, it } from 'vitest';
import { render } from '../../../src/templates.js';

const unit = render('systemd/bridge-setup.service.ejs', {
  node: '/usr/bin/node',
  flags: '--flag',
  command: '/usr/local/bin/bridge-setup',
});
const lines = unit.split('\n').filter((line) => /^[A-Z]/.test(line));
const valuesOf = (name: string) =>
  lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));

describe('the unit of the attach runtime', () => {
  it('denies groups of system calls and allows none: systemd before 231 would take such a list for an empty one', () => {
    const filters = valuesOf('SystemCallFilter');
    expect(filters).toHaveLength(1);
    expect(filters.filter((filter) => !filter.startsWith('~'))).toEqual([]);
  });

  it('says each thing once: what a second line adds or takes away differs between versions of systemd', () => {
    const names = lines.map((line) => line.split('=')[0]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('leaves DHCP clients to themselves when the daemon is killed', () => {
    expect(valuesOf('KillMode')).toEqual(['process']);
  });

  it('lets V8 compile', () => {
    expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
  });
});
