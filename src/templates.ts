import { readFileSync } from 'node:fs';
import ejs from 'ejs';
import { PACKAGE_ROOT } from './package-root.js';

/**
 * Render one of the package's own templates, e.g. `ifupdown/bridge.ejs`. Templates are part of the program, so
 * this is not a read of the host. Values are inserted as they are (`<%- %>`): what reaches a template has been
 * validated before.
 */
export function render(template: string, values: Readonly<Record<string, unknown>>): string {
  const file = `${PACKAGE_ROOT}/templates/${template}`;
  return ejs.render(readFileSync(file, 'utf8'), { ...values }, { escape: String, filename: file });
}
