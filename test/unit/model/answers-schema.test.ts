import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAnswers } from '../../../src/cli/answers-file.js';
import { answersJsonSchema, type JsonSchema } from '../../../src/model/answers-schema.js';
import { answersWith } from '../support/answers.js';
import { answersDocument } from '../support/answers-doc.js';
import { expectText } from '../support/golden-text.js';

const schema = answersJsonSchema();
const EXAMPLE = answersWith({
  bridge: { uplink: 'eth0' },
  address: {
    method: 'static',
    address: '192.168.1.10/24',
    gateway: '192.168.1.1',
    nameservers: ['192.168.1.1'],
  },
});

/** Paths of all fields, groups among them. */
function fields(node: JsonSchema, path = ''): [string, JsonSchema][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, field]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return [[name, field] as [string, JsonSchema], ...fields(field, name)];
  });
}

/** Paths of all fields that a value has, groups among them. */
function paths(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? [name, ...paths(inner, name)]
      : [name];
  });
}

describe('the JSON Schema of answers', () => {
  it('is published as a file of the package', () => {
    expectText('schema/answers.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
    const { files } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(files).toContain('schema');
  });

  it('describes every field', () => {
    expect(fields(schema).filter(([, { description }]) => !description)).toEqual([]);
    expect(fields(schema).length).toBeGreaterThan(20);
  });

  it('has the fields that answers have', () => {
    const known = fields(schema).map(([name]) => name);
    expect(known.filter((name) => name !== '$schema').sort()).toEqual(paths(EXAMPLE).sort());
  });

  it('may be named in the answers, which then mean the same', () => {
    const named = { $schema: './answers.schema.json', version: 1, bridge: { uplink: 'eth0' } };
    expect(parseAnswers(named)).toEqual({
      ...answersWith({ bridge: { uplink: 'eth0' } }),
      $schema: named.$schema,
    });
  });
});

describe('docs/answers.md', () => {
  it('says what the schema says', () => {
    expectText('docs/answers.md', answersDocument(schema, EXAMPLE));
  });
});
