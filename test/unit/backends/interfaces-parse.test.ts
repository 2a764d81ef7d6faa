import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/backends/ifupdown/parse.js';
import { optionsOf, print } from '../../../src/backends/ifupdown/syntax.js';
import { matchesGlob } from '../../../src/model/glob.js';
import { interfacesText } from './arbitrary.js';

const stanzas = (text: string) => parse(text).nodes.filter((node) => node.kind === 'iface');

describe('print', () => {
  it('gives back any text byte for byte', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), interfacesText), (text) => {
        expect(print(parse(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['CRLF', 'auto lo\r\niface eth0 inet static\r\n\taddress 10.0.0.1/8\r\n'],
    ['no final newline', 'iface eth0 inet dhcp'],
    ['a backslash at the very end', 'iface eth0 inet dhcp\n  up echo \\'],
    ['joined lines', 'auto lo \\\n   eth0\n'],
    ['garbage', '\0\t=}\\\n\\\n#\\\n'],
  ])('keeps %s', (_, text) => {
    expect(print(parse(text))).toBe(text);
  });
});

describe('parse', () => {
  it('keeps a stanza open across blank lines and comments', () => {
    const [stanza] = stanzas('iface eth0 inet static\n\n# the address\n  address 10.0.0.1/8\n');
    expect(stanza && optionsOf(stanza).map(({ name, value }) => [name, value])).toEqual([
      ['address', '10.0.0.1/8'],
    ]);
  });

  it('joins lines that end in a backslash, but not in a comment', () => {
    const [first] = parse('auto lo \\\n  eth0\n').nodes;
    expect(first).toMatchObject({ kind: 'selection', names: ['lo', 'eth0'] });
    expect(parse('# note \\\nauto lo\n').nodes.map(({ kind }) => kind)).toEqual(['trivia', 'selection']);
  });

  it('sees CRLF as white space', () => {
    const [stanza] = stanzas('iface eth0 inet dhcp\r\n  metric 5\r\n');
    expect(stanza).toMatchObject({ name: 'eth0', family: 'inet', method: 'dhcp' });
    expect(stanza && optionsOf(stanza)[0]?.value).toBe('5');
  });

  it('leaves a stanza open at a bare "auto", and closes it at one with names', () => {
    const [stanza] = stanzas('iface eth0 inet dhcp\nauto\nmetric 5\n');
    expect(stanza?.body.map(({ kind }) => kind)).toEqual(['selection', 'option']);
    expect(parse('iface eth0 inet dhcp\nauto eth0\nmetric 5\n').problems).toHaveLength(1);
  });

  it.each([
    ['iface eth0 inet dhcp inherits base', 'inet', 'dhcp', 'base'],
    ['iface eth0 inet inherits base', 'inet', null, 'base'],
    ['iface eth0 inherits base', null, null, 'base'],
  ])('reads %j', (text, family, method, inherits) => {
    expect(stanzas(text)[0]).toMatchObject({ name: 'eth0', family, method, inherits });
    expect(parse(text).problems).toEqual([]);
  });

  it.each([
    ['metric 5', 'outside of any stanza'],
    ['iface', 'without an interface'],
    ['iface eth0', 'no address family'],
    ['iface eth0 inet', 'no method for inet'],
    ['iface eth0 inet5 dhcp', '"inet5" is no known address family'],
    ['iface eth0 inet dhpc', '"dhpc" is no known method for inet'],
    ['iface eth0 inet dhcp inherits', '"inherits" without a name'],
    ['iface eth0 inet dhcp\nmetric', '"metric" has no value'],
    ['mapping eth*\n  script a\n  script b', 'two scripts'],
    ['mapping eth*\n  address 10.0.0.1', 'stands in a mapping stanza'],
  ])('reports %j as ifup would', (text, message) => {
    expect(parse(text).problems).toEqual([
      { line: text.split('\n').length, message: expect.stringContaining(message) },
    ]);
  });
});

describe('matchesGlob', () => {
  it.each([
    ['eth*', 'eth0', true],
    ['eth?', 'eth10', false],
    ['eth[0-3]', 'eth2', true],
    ['eth[!0-3]', 'eth2', false],
    ['eth.0', 'ethx0', false],
    ['[', '[', true],
    ['eth[3-0]', 'eth1', false],
  ])('%j on %j: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });

  it('does not cross a slash or match a hidden file in a path', () => {
    expect(matchesGlob('/etc/*', '/etc/a', true)).toBe(true);
    expect(matchesGlob('/etc/*', '/etc/a/b', true)).toBe(false);
    expect(matchesGlob('/etc/*', '/etc/.a', true)).toBe(false);
  });
});
