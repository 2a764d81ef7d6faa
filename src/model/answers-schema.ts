import { z } from 'zod';
import { answersSchema } from './answers.js';

/** A node of the JSON Schema, as far as this program makes them. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

/** The JSON Schema of an answers file (draft 2020-12), as the package has it in schema/answers.schema.json. */
export function answersJsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(answersSchema, { io: 'input' });
  // A bridge that is there needs no uplink: its `else` has the rule.
  const bridge = rest.properties?.bridge;
  if (typeof bridge === 'object') delete bridge.required;
  return {
    $schema,
    title: 'Answers for bridge-setup, version 1',
    description: 'What `bridge-setup --answers FILE` may be told.',
    ...rest,
  } as JsonSchema;
}
