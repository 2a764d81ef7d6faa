import type { z } from 'zod';

/** A record that was read from a file; `null` when there is none, or it is none of this form. */
export function parseRecord<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
