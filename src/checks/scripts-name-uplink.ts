import type { Finding } from '../model/finding.js';
import { linkNamed } from '../model/links.js';
import type { Check } from './check.js';

/** Scripts of the administrator, which nothing but a person understands. */
export const scriptsNameUplink: Check = {
  id: 'script-names-uplink',
  title: 'No script names the uplink',
  group: 'host',
  needs: 'root',
  on: 'not-set-up',
  looksAt:
    'Scripts that run when links come up or have a lease (if-up.d, dhclient hooks, ifup-local, dispatcher.d, rc.local), and the files of sysctl and PPP.',
  cause:
    'The addresses of the uplink are on the bridge once the host is set up, and scripts are not changed.',
  run: ({ facts, answers, uplink }) => {
    if (linkNamed(facts, uplink)?.master === answers.bridge.name) return [];
    const found = (facts.mentions ?? []).filter(({ link }) => link === uplink);
    const paths = [...new Set(found.map(({ path }) => path))];
    return paths.map((path): Finding => {
      const lines = found.filter((each) => each.path === path);
      const [first] = lines;
      const more = lines.length > 1 ? `, and ${lines.length - 1} more` : '';
      return {
        check: 'script-names-uplink',
        severity: 'warning',
        message: `${path}:${first?.line} names ${uplink} ("${first?.text.slice(0, 120)}"${more}), and is not changed.`,
        remedy: `Check whether it should name ${answers.bridge.name}, which has the addresses of ${uplink} from now on.`,
      };
    });
  },
};
