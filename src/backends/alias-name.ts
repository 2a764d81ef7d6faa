import { refusal, type SetupError } from '../errors.js';

/** A refusal where an alias on the bridge would have a name that is no interface's (IFNAMSIZ). */
export function longAliasName(names: readonly string[]): SetupError | undefined {
  const name = names.find((alias) => alias.length > 15);
  if (name === undefined) return undefined;
  return refusal(
    'alias-name-too-long',
    `The alias would be called ${name}, and a name has at most 15 characters.`,
    [{ path: 'bridge.name', message: 'too long for an alias of the uplink' }],
    'Choose a shorter name for the bridge.',
  );
}
