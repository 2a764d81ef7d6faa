import { EXIT, type ExitCode, usageError } from '../errors.js';
import { answersJsonSchema } from '../model/answers-schema.js';
import type { CliContext } from './context.js';

interface AnswersFlags {
  readonly schema?: boolean;
  readonly dump?: boolean;
}

/** `bridge-setup answers --schema | --dump`: what an answers file may hold, and the one that this host would have. */
export async function answers(context: CliContext, { schema, dump }: AnswersFlags): Promise<ExitCode> {
  if (Boolean(schema) === Boolean(dump)) {
    throw usageError(
      'answers-what',
      schema ? '--schema and --dump do not go together.' : 'Give --schema or --dump.',
      [],
      '--schema prints what an answers file may hold, --dump the one that this host would have.',
    );
  }
  const document = schema ? answersJsonSchema() : await liveAnswers(context);
  context.output.print(JSON.stringify(document, null, 2));
  context.output.document(document);
  return EXIT.ok;
}

async function liveAnswers({ host }: CliContext): Promise<unknown> {
  const { readFacts } = await import('./read-facts.js');
  const { dumpAnswers } = await import('./dump.js');
  return dumpAnswers(await readFacts(host));
}
