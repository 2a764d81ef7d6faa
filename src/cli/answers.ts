import { z } from 'zod';
import { EXIT, type ExitCode } from '../errors.js';
import { answersSchema } from '../model/answers.js';
import type { CliContext } from './context.js';

/** `bridge-setup answers --schema` */
export async function answers({ output }: CliContext): Promise<ExitCode> {
  const schema = z.toJSONSchema(answersSchema, { io: 'input' });
  output.print(JSON.stringify(schema, null, 2));
  output.document(schema);
  return EXIT.ok;
}
