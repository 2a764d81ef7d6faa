import { describe, expect, it } from 'vitest';
import { collectObstacles } from '../../../src/facts/obstacles.js';
import type { Host } from '../../../src/host/host.js';

/** A host whose ip(8) prints these texts, by the arguments; `route get` fails for a gateway that a rule hides. */
const hostWith = (texts: Readonly<Record<string, string>>, hidden: readonly string[]) =>
  ({
    run: async (argv: readonly string[]) => {
      const words = argv.slice(1).join(' ');
      const exitCode = words.includes('route get') && hidden.some((one) => words.includes(one)) ? 2 : 0;
      return {
        argv,
        exitCode,
        stdout: texts[words] ?? (words.includes('-json') ? '[]' : ''),
        stderr: '',
        durationMs: 0,
      };
    },
  }) as unknown as Host;

const ROUTES = '-4 -details -oneline route show table all';
const DEFAULT = 'unicast default via 10.7.0.1 dev eth0 table main proto boot scope global \n';

describe('what cannot be moved', () => {
  it('is a route whose gateway a rule hides from the host: the kernel would not take it again', async () => {
    const rules =
      '0:\tfrom all lookup local\n100:\tnot from all iif eth0 unreachable\n32766:\tfrom all lookup main\n';
    const texts = { [ROUTES]: DEFAULT, '-4 rule show': rules };
    expect(await collectObstacles(hostWith(texts, ['10.7.0.1']))).toEqual([
      expect.objectContaining({
        link: 'eth0',
        kind: 'route',
        text: expect.stringContaining('default via 10.7.0.1'),
      }),
    ]);
    expect(await collectObstacles(hostWith(texts, []))).toEqual([]);
  });

  it('is not asked for where no rule could hide anything', async () => {
    const texts = {
      [ROUTES]: DEFAULT,
      '-4 rule show': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
    };
    expect(await collectObstacles(hostWith(texts, ['10.7.0.1']))).toEqual([]);
  });
});
