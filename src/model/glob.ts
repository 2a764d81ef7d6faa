/**
 * Shell patterns, as in glob(7): `*`, `?` and `[...]`.
 * @param inPath as in a file name, where a pattern never matches a slash, and `*` no leading dot
 */
export function matchesGlob(pattern: string, text: string, inPath = false): boolean {
  try {
    return new RegExp(`^${translate(pattern, inPath)}$`, 's').test(text);
  } catch {
    // A range like [z-a]; it matches nothing.
    return false;
  }
}

/** Whether a path is a pattern of wordexp(3), as `source` of interfaces(5) takes it. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

function translate(pattern: string, inPath: boolean): string {
  const any = inPath ? '[^/]' : '.';
  const parts = pattern.match(/\*+|\?|\[[!^]?\]?[^\]]*\]|./gs) ?? [];
  return parts
    .map((part, index) => {
      const first = inPath && (parts[index - 1] ?? '/') === '/' ? '(?!\\.)' : '';
      if (part.startsWith('*')) return `${first}${any}*`;
      if (part === '?') return first + any;
      if (part.length > 2 && part.startsWith('[')) return first + bracket(part.slice(1, -1));
      return part.replace(/[\\^$.|?*+()[\]{}/-]/, '\\$&');
    })
    .join('');
}

function bracket(set: string): string {
  const negated = /^[!^]/.test(set);
  const members = (negated ? set.slice(1) : set).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}
