/** Links that a file of netplan defines: their names are keys, or the names that it gives them. */
export function claimedByNetplan(yaml: string, links: readonly string[]): string[] {
  const keys = [...yaml.matchAll(/^[ \t]+["']?([A-Za-z0-9_.-]+)["']?[ \t]*:/gm)].flatMap(
    ([, key]) => key ?? [],
  );
  const given = [...yaml.matchAll(/^[ \t]+set-name[ \t]*:[ \t]*["']?([A-Za-z0-9_.-]+)/gm)].flatMap(
    ([, name]) => name ?? [],
  );
  return links.filter((name) => keys.includes(name) || given.includes(name));
}
