/** Stands where a file has a secret, in what was read of it: facts may end up in a bug report. */
export const HIDDEN_SECRET = 'hidden-by-bridge-setup';

/** Keys of dhclient.conf(5), and tokens of dhcpcd.conf(5). */
const DHCLIENT_SECRET = /\b(secret[ \t\r\n]+)("[^"]*"|[^\s";]+)/gi;
const DHCPCD_TOKEN = /^([ \t#]*authtoken[ \t].*[ \t])("[^"\n]*"|[^\s"]+)([ \t]*)$/gim;

/** A configuration of a DHCP client without its secrets. */
export function withoutSecrets(text: string): string {
  return text.replace(DHCLIENT_SECRET, `$1${HIDDEN_SECRET}`).replace(DHCPCD_TOKEN, `$1${HIDDEN_SECRET}$3`);
}
