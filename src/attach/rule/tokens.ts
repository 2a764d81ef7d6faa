import { printable, RuleError } from './error.js';

/** Bounds: a rule may come from the environment of a container, that is, from anybody. */
const MAX_RULE = 1024;
const MAX_TOKEN = 255;
const MAX_TOKENS = 16;
const ALLOWED = /^[A-Za-z0-9_.:/@=,+-]+$/;
/** Arguments that may hold spaces: the text of `U:`, and options for a DHCP client. */
const SPACED = /^(U:|(dhcp|udhcpc|dhclient|dhcpcd)(-f)?:)/;
const SPACE = /[ \t\r\n]+/;

/**
 * The words of a rule, given as text or as arguments, within bounds and free of characters that no rule needs. Only an
 * argument can hold spaces, as only a quoted word of a shell can.
 */
export function tokensOf(rule: string | readonly string[]): string[] {
  const length =
    typeof rule === 'string' ? rule.length : rule.reduce((sum, word) => sum + word.length + 1, 0);
  if (length > MAX_RULE) {
    throw new RuleError('rule-too-long', null, `the rule has more than ${MAX_RULE} characters`);
  }
  const tokens = typeof rule === 'string' ? words(rule) : rule.flatMap((word) => argument(word, rule.length));
  if (tokens.length > MAX_TOKENS) {
    throw new RuleError('rule-too-long', null, `the rule has more than ${MAX_TOKENS} words`);
  }
  for (const token of tokens) {
    if (!token.split(' ').every((word) => ALLOWED.test(word))) {
      throw new RuleError('rule-character', printable(token), 'it has a character that no rule needs');
    }
    if (token.length > MAX_TOKEN) {
      throw new RuleError('rule-too-long', printable(token), `it has more than ${MAX_TOKEN} characters`);
    }
  }
  return tokens;
}

/** The words of a text, without the white space between them. */
export function words(text: string): string[] {
  return text.split(SPACE).filter((word) => word !== '');
}

/** White space is squeezed, as by the unquoted `echo $macunique` of the original. */
function argument(word: string, count: number): string[] {
  return count > 1 && SPACED.test(word) ? [words(word).join(' ')] : words(word);
}
