/** `nmcli -t -f DEVICE,STATE device`: links that NetworkManager has in its hands. */
export function parseNmcli(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([device, state]) => device && state && !/unmanaged|unavailable/.test(state))
    .map(([device]) => device ?? '');
}

/**
 * `nmcli -t -f DEVICE,FILENAME connection show --active`: the file of each link's profile. A profile that only lies in
 * memory has none, and one that is for no link no name.
 */
export function parseProfiles(text: string): Record<string, string> {
  const rows = text.split('\n').map((line) => /^([^:]+):(.*)$/.exec(line));
  return Object.fromEntries(
    rows.flatMap((row) => (row === null ? [] : [[row[1] ?? '', (row[2] ?? '').replaceAll('\\', '')]])),
  );
}

/** Asks for `parseProfiles`. */
export const profilesQuery: readonly string[] = [
  ...['nmcli', '-t', '-f', 'DEVICE,FILENAME', 'connection', 'show', '--active'],
];
