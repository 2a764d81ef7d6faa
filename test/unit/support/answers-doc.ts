import type { JsonSchema } from '../../../src/model/answers-schema.js';

const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** What a field may hold, in words. */
function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(' or ');
  if (schema.type === 'null') return '`null`';
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return `list of: ${kindOf(schema.items ?? {})}`;
  if (schema.format === 'ipv4') return 'IPv4 address';
  if (schema.format === 'cidrv4') return 'address/prefix';
  return 'text';
}

function rows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (field.properties) return rows(field, name);
    const needed = path !== 'address' && schema.required?.includes(key);
    const otherwise =
      field.default === undefined ? (needed ? 'required' : '') : code(JSON.stringify(field.default));
    return [`| \`${name}\` | ${kindOf(field)} | ${otherwise} | ${field.description} |`];
  });
}

/** docs/answers.md, as the schema has it. */
export function answersDocument(schema: JsonSchema, full: unknown): string {
  return `# Answers

For runs without questions: \`bridge-setup --answers FILE\`, or \`--answers -\` for standard input. This page is made from the schema; a test compares them.

The smallest file:

\`\`\`json
{ "version": 1, "bridge": { "uplink": "eth0" } }
\`\`\`

- \`bridge-setup answers --dump\` prints the answers that make a host like the one it runs on. On a host that is set up they change nothing, so they can be kept beside other configuration, and given to the next host.
- \`bridge-setup answers --schema\` prints the JSON Schema. It is in the package, too: \`schema/answers.schema.json\`. Editors that know JSON Schema complete and check a file that says where it is: \`"$schema": "/usr/local/lib/bridge-setup/schema/answers.schema.json"\`.
- All problems are told at once, each with its path; a key that is not known is an error that names the nearest one. Nothing dangerous is guessed: \`bridge.uplink\` has no default.
- A bridge that is there and somebody else's needs its name only: \`{ "version": 1, "bridge": { "name": "br0", "existing": true } }\`. More: [existing-bridge.md](existing-bridge.md).
- A plan says of each value whether it was given, detected, or is a default.

| field | holds | default | meaning |
|---|---|---|---|
${rows(schema, '').join('\n')}

With \`"method": "static"\`, \`address.address\` and \`address.gateway\` are required; with any other method they are an error.

A file with every field:

\`\`\`json
${JSON.stringify(full, null, 2)}
\`\`\`
`;
}
