/** A setting below /proc/sys/net, such as `ipv6/conf/eth1/disable_ipv6`, and its value. */
export type Setting = readonly [key: string, value: string];

/**
 * A shell that writes settings, one a line, as `settingLines` has them, until it is told to become the command of its
 * arguments. /proc/sys/net is that of the process that opens it, so it has to be inside the namespace. A setting that
 * the kernel does not have (IPv6 is not loaded, an old kernel) is left out; one that cannot be written is told.
 */
export const WRITE_SETTINGS = `code=0
while read -r key value; do
  case $key in
    run) exec "$@" ;;
    end) exit "$code" ;;
  esac
  [ -e "/proc/sys/net/$key" ] || continue
  { echo "$value" >"/proc/sys/net/$key"; } 2>/dev/null || { echo "$key cannot be set" >&2; code=1; }
done
exit "$code"`;

/** Lines for `WRITE_SETTINGS`. */
export function settingLines(settings: readonly Setting[]): string[] {
  return settings.map(([key, value]) => `${key} ${value}`);
}
