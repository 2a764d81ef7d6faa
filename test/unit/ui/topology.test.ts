import { execFileSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../src/model/topology/build.js';
import type { TopologyInput } from '../../../src/model/topology/input.js';
import { isUnicodeTerminal, Screen } from '../../../src/ui/screen.js';
import { style } from '../../../src/ui/style.js';
import { escapeXml, wrapWords } from '../../../src/ui/svg.js';
import { topologySvg } from '../../../src/ui/topology-svg.js';
import { type TreeOptions, treeText } from '../../../src/ui/topology-tree.js';
import { leaseText, span } from '../../../src/ui/topology-words.js';
import { hostFacts } from '../support/facts.js';
import { expectText } from '../support/golden-text.js';
import { endpoint, HOSTILE, healthy, idOf, setUpFacts, troubled } from '../support/topology.js';

const tree = (input: TopologyInput, options: Partial<TreeOptions> = {}) =>
  treeText(buildTopology(input), { width: 80, unicode: true, style: style(false), ...options });
const notSetUp: TopologyInput = {
  ...healthy(),
  ...{ facts: hostFacts({ docker: { installed: false, reachable: false, version: null, error: 'x' } }) },
  ...{ bridges: [], daemon: null, endpoints: [], containers: null, recordsReadable: false },
};
const hostile: TopologyInput = {
  ...healthy(),
  endpoints: [endpoint({ containerName: HOSTILE, state: 'failed', error: HOSTILE })],
  containers: null,
};
const many: TopologyInput = {
  ...healthy(),
  facts: setUpFacts(),
  endpoints: Array.from({ length: 9 }, (_, n) =>
    endpoint({
      ...{ containerId: idOf(String(n)), containerName: `web-${n}`, hostInterfaceName: `bs${n}` },
      ...{ state: 'stopped', address: null },
    }),
  ),
};
const HOSTS = { healthy: healthy(), troubled: troubled(), 'not-set-up': notSetUp, hostile, many };

describe.each(Object.entries(HOSTS))('the tree of a host that is %s', (name, input) => {
  it('is as recorded', () => {
    expectText(`test/screens/status-${name}.txt`, `${tree(input)}\n`);
  });

  it('fits into 80 columns, and into 60, and is plain ASCII where it has to be', () => {
    for (const width of [80, 60]) {
      const lines = tree(input, { width }).split('\n');
      expect(lines.filter((line) => [...line].length > width)).toEqual([]);
    }
    expect(tree(input, { unicode: false })).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('says the same with colours', () => {
    expect(stripVTControlCharacters(tree(input, { style: style(true) }))).toBe(tree(input));
  });
});

it('the plain tree is as recorded', () => {
  expectText('test/screens/status-troubled-ascii.txt', `${tree(troubled(), { unicode: false })}\n`);
});

describe.each(Object.entries(HOSTS))('the SVG of a host that is %s', (name, input) => {
  const svg = topologySvg(buildTopology(input));

  it('is as recorded', () => {
    expectText(`test/screens/status-${name}.svg`, svg);
  });

  it('is well-formed XML, with nothing of another place', () => {
    const parse = ['-c', 'import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.stdin.buffer.read())'];
    expect(() => execFileSync('python3', parse, { input: svg })).not.toThrow();
    expect(svg).not.toMatch(/<(script|image|foreignObject|a)\b|<[^>]*\s(href|src|on\w+)=|url\(|@import/i);
  });
});

describe('text of others', () => {
  it('does not get out of its place', () => {
    expect(escapeXml(`<&>"'\u0000\ud800`)).toBe('&lt;&amp;&gt;&quot;&#39;??');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(tree(hostile)).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  });

  it('is broken where it is too long', () => {
    expect(wrapWords('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapWords('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });
});

describe('words of time', () => {
  it.each([
    [0, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [3600, '1 h'],
    [3 * 3600 + 300, '3 h 5 min'],
    [2 * 86_400, '2 d'],
    [2 * 86_400 + 4 * 3600, '2 d 4 h'],
  ])('%d s is %s', (seconds, text) => {
    expect(span(seconds)).toBe(text);
  });

  it('tell what is over, and what has no end', () => {
    const lease = {
      server: null,
      since: '1970-01-01T00:00:00Z',
      renewed: '1970-01-01T00:00:00Z',
      ageSeconds: 90,
      seconds: 60,
      renewsAt: '1970-01-01T00:00:30Z',
      expiresAt: '1970-01-01T00:01:00Z',
    };
    expect(leaseText(lease, '1970-01-01T00:01:30Z')).toBe(
      'leased 90 s ago for 60 s; renewal is due, expired 30 s ago',
    );
    expect(leaseText({ ...lease, renewsAt: null, expiresAt: null }, '')).toBe('leased 90 s ago, without end');
  });

  it('tell how old it is, and when it was renewed', () => {
    const lease = {
      server: null,
      since: '1970-01-01T00:00:00Z',
      renewed: '1970-01-01T03:00:00Z',
      ageSeconds: 300,
      seconds: 3600,
      renewsAt: '1970-01-01T03:30:00Z',
      expiresAt: '1970-01-01T04:00:00Z',
    };
    expect(leaseText(lease, '1970-01-01T03:05:00Z')).toBe(
      'leased 3 h 5 min ago, renewed 5 min ago for 1 h; renews in 25 min, expires in 55 min',
    );
  });
});

describe('the terminal', () => {
  it.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
    [{ LANG: 'C.utf8', TERM: 'dumb' }, false],
    [{}, false],
  ])('%j shows more than ASCII: %s', (env, expected) => {
    expect(isUnicodeTerminal(env)).toBe(expected);
  });

  it('is left as it was, with the last picture', () => {
    let said = '';
    const screen = new Screen({ rows: 4, write: (text) => (said += text) });
    screen.draw('1\n2\n3\n4\n5');
    expect(said).toContain('2\x1b[K\n… 3 more lines');
    screen.end('last');
    expect(said.endsWith('\x1b[?25h\x1b[?1049llast\n')).toBe(true);
  });
});
