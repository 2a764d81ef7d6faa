import { describe, expect, it } from 'vitest';
import { ownCommand } from '../../../src/cli/own-command.js';
import { ownProgram } from '../../../src/cli/program-info.js';
import { refusal } from '../../../src/errors.js';
import { pasteable } from '../../../src/host/command.js';
import { nameCommand } from '../../../src/ui/command-name.js';
import { errorText } from '../../../src/ui/report.js';
import { style } from '../../../src/ui/style.js';
import { FakeHost } from '../support/fake-host.js';

describe('the command that is named', () => {
  const { node, root } = ownProgram();
  const byPath = pasteable([node, `${root}/bin/bridge-setup.js`]);

  it('is its name where that is on the PATH', async () => {
    const host = new FakeHost();
    host.programs.set('bridge-setup', '/usr/local/bin/bridge-setup');
    expect(await ownCommand(host)).toBe('bridge-setup');
  });

  it('is what starts it elsewhere, also where npm has put it on the PATH for a moment', async () => {
    const host = new FakeHost();
    expect(await ownCommand(host)).toBe(byPath);
    host.programs.set('bridge-setup', '/root/.npm/_npx/7/node_modules/.bin/bridge-setup');
    expect(await ownCommand(host)).toBe(byPath);
  });

  it('starts a container where it is one', async () => {
    const host = new FakeHost();
    host.env.BRIDGE_SETUP_IN_CONTAINER = '1';
    expect(await ownCommand(host)).toMatch(
      /^docker run .*--net=host --entrypoint=bridge-setup bridge-setup$/,
    );
  });

  it('stands for the name in each command between backticks, and nowhere else', () => {
    const text = 'bridge-setup says: `bridge-setup confirm` or `sudo npx bridge-setup`; not `bridge-setups`.';
    expect(nameCommand(text, 'bridge-setup')).toBe(text);
    expect(nameCommand(text, "node '/a b/x.js'")).toBe(
      "bridge-setup says: `node '/a b/x.js' confirm` or `sudo node '/a b/x.js'`; not `bridge-setups`.",
    );
  });

  it('is in the remedy of an error, in one piece', () => {
    const error = refusal(
      'x',
      'It waits.',
      [],
      '`bridge-setup confirm` keeps it, `bridge-setup rollback` does not.',
    );
    expect(errorText(error, style(false), 30, 'node /x/y.js').split('\n').slice(1)).toEqual([
      '`node /x/y.js confirm` keeps',
      '  it, `node /x/y.js rollback`',
      '  does not.',
    ]);
  });
});
