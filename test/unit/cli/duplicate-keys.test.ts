import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateKeys } from '../../../src/cli/duplicate-keys.js';

describe('duplicateKeys', () => {
  it.each<[string, (string | number)[][]]>([
    ['{"a":1,"a":2}', [['a']]],
    ['{"a":{"b":1,"c":[1,{"d":0,"d":1}]},"x":{"b":2}}', [['a', 'c', 1, 'd']]],
    ['[{"a":1},{"a":2}]', []],
    ['{"a":"a","b":["a","a"],"c":{"a":1}}', []],
    ['{"a":1,"\\u0061":2}', [['a']]],
    ['{"a\\"b":1, "a\\"b" : 2}', [['a"b']]],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","b":1}', []],
    ['{"__proto__":1,"__proto__":2,"":1,"":2}', [['__proto__'], ['']]],
    ['{"a":1,"a":{"b":1,"b":2},"a":[]}', [['a'], ['a', 'b'], ['a']]],
    ['[[],{},[[{"a":[],"a":{}}]]]', [[2, 0, 0, 'a']]],
    ['"a"', []],
    ['12', []],
  ])('%s', (text, paths) => expect(duplicateKeys(text)).toEqual(paths));

  it('finds none in what JSON.stringify writes, with any white space', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, space) => {
        expect(duplicateKeys(JSON.stringify(value, null, space))).toEqual([]);
      }),
    );
  });

  it('finds one key that is doubled, wherever it is', () => {
    const key = fc.string();
    fc.assert(
      fc.property(key, fc.jsonValue(), fc.jsonValue(), (name, one, other) => {
        const twice = `{${JSON.stringify(name)}:${JSON.stringify(one)},${JSON.stringify(name)}:${JSON.stringify(other)}}`;
        expect(duplicateKeys(`[0,{"at":${twice}}]`)).toEqual([[1, 'at', name]]);
      }),
    );
  });

  it('is over at once on long and deep texts', () => {
    const deep = `${'{"a":1,"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`;
    const started = performance.now();
    expect(duplicateKeys(deep)).toHaveLength(20);
    expect(duplicateKeys(`{"a":"${'\\\\'.repeat(100_000)}","b":"${'x'.repeat(200_000)}"}`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
