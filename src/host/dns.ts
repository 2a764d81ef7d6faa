import { Resolver } from 'node:dns/promises';

/** Errors that are a server's answer (RFC 1035, RCODE), as Node names them. */
const ANSWERS = new Set(['ENODATA', 'ENOTFOUND', 'EFORMERR', 'ESERVFAIL', 'ENOTIMP', 'EREFUSED', 'ENOTAUTH']);

/** See `Dns.answers`. The question is for the name servers of the root, which any server knows or refuses to tell. */
export async function nameServerAnswers(server: string, timeoutMs: number): Promise<boolean> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  try {
    resolver.setServers([server]);
    await resolver.resolveNs('.');
    return true;
  } catch (error) {
    return ANSWERS.has((error as NodeJS.ErrnoException).code ?? '');
  }
}
