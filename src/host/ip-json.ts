import { z } from 'zod';

/** Parse a list that `ip -json` or `bridge -json` printed; an entry of another form is left out. */
export function parseIpJson<T>(json: string, schema: z.ZodType<T>): T[] {
  // iproute2 prints nothing at all instead of an empty list, and `{}` for an entry that a filter left out.
  return readEntries(z.array(z.unknown()).parse(json.trim() === '' ? [] : JSON.parse(json)), schema);
}

/** The entries of a list that have the form; the others are left out. */
export function readEntries<T>(entries: readonly unknown[], schema: z.ZodType<T>): T[] {
  return entries.flatMap((entry) => {
    const parsed = schema.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
}
