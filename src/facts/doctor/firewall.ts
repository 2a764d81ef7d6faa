import {
  acceptWords,
  type Cure,
  cureCommands,
  curedDrops,
  DOCKER_USER,
  placeText,
} from '../../firewall/frame/cure.js';
import { type FilterTexts, passages } from '../../firewall/frame/passage.js';
import { readFilters } from '../../firewall/frame/read.js';
import type { Host } from '../../host/host.js';
import type { DropFacts, FirewallFacts } from '../../model/doctor-facts.js';

/** Firewalls, as far as they concern a bridge and its port. */
export async function collectFirewall(
  host: Host,
  bridge: string,
  port: string | null,
): Promise<FirewallFacts> {
  const [ufw, zone] = await Promise.all([
    host.files.read('/etc/ufw/ufw.conf').catch(() => null),
    defaultZone(host),
  ]);
  const seen = host.isRoot() ? framesIn(await readFilters(host, bridge, port)) : NOTHING_SEEN;
  return { ...seen, ufw: /^ENABLED=yes$/m.test(ufw ?? ''), defaultZone: zone };
}

const NOTHING_SEEN = { drops: [], suspects: [], hasDockerUser: false };

/** What becomes of frames between the ports, by the rules that were read. Pure. */
export function framesIn(texts: FilterTexts): Pick<FirewallFacts, 'drops' | 'suspects' | 'hasDockerUser'> {
  const suspects = passages(texts).flatMap(({ passes, by, unsure }) =>
    passes === 'unknown' && by !== null
      ? [
          unsure === null || unsure.rule === by.rule
            ? placeText(by)
            : `${placeText(by)}, unless ${placeText(unsure)}`,
        ]
      : [],
  );
  return {
    drops: curedDrops(texts).map(
      ({ by, family, protocols, cure }): DropFacts => ({
        ...{ by: placeText(by), family, protocols, kind: cure.kind },
        cure: cureCommands(cure, texts.bridge, null),
        insert: insertOf(cure, texts),
      }),
    ),
    suspects: [...new Set(suspects)],
    hasDockerUser: texts.iptables.some(({ text }) => text.includes(`\n:${DOCKER_USER} `)),
  };
}

function insertOf(cure: Cure, { bridge, iptables }: FilterTexts): DropFacts['insert'] {
  if (cure.kind !== 'iptables') return null;
  const { program, chain, rule } = cure;
  const line = `-A ${chain} ${acceptWords(bridge).join(' ')}`;
  const text = iptables.find((each) => each.program === program)?.text ?? '';
  return { program, chain, rule, copies: text.split('\n').filter((each) => each === line).length };
}

async function defaultZone(host: Host): Promise<string | null> {
  if ((await host.which('firewall-cmd')) === null) return null;
  const { exitCode, stdout } = await host.run(['firewall-cmd', '--get-default-zone'], {
    check: false,
    timeoutMs: 10_000,
  });
  return exitCode === 0 ? stdout.trim() : null;
}
