import { fileURLToPath } from 'node:url';

/** The folder of this package. Both src/ and dist/, where all of the program is bundled, are right below it. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
