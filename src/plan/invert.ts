import type { FirewallZone } from '../model/firewall-steps.js';
import type { JournalEntry } from '../model/journal.js';
import type { Step } from '../model/plan.js';
import { inverseOfLive } from './invert-live.js';

/** A step that takes back what step `n` of a journal did. */
export interface UndoStep {
  readonly n: number;
  readonly step: Step;
}

/**
 * The inverse of a journal: the steps that take the host back, last effect first. An intent without its `done` may
 * or may not have happened, so it is undone too; every undo is harmless where there is nothing to undo.
 */
export function invert(entries: readonly JournalEntry[]): UndoStep[] {
  const steps = entries
    .filter(({ state }) => state !== 'undone')
    .toReversed()
    .flatMap((entry) => [...inverseOf(entry), ...reloadAfter(entry)].map((step) => ({ n: entry.n, step })));
  return clientsAfterFiles(steps);
}

/**
 * A DHCP client, and its script, read configuration when they start (on RHEL ifcfg and dhclient-LINK.conf: `PEERDNS`,
 * `DEFROUTE`, `METRIC`): they start once the files are what they were. A set-up writes its files first, so in reverse
 * order they would come last.
 */
function clientsAfterFiles(steps: readonly UndoStep[]): UndoStep[] {
  const end = steps.findLastIndex(({ step }) => 'path' in step && !OWN_FILES.test(step.path)) + 1;
  const isClient = ({ step }: UndoStep) => step.kind === 'start-dhcp-client';
  const first = steps.slice(0, end);
  return [...first.filter((one) => !isClient(one)), ...first.filter(isClient), ...steps.slice(end)];
}

/** Files that no DHCP client reads. */
const OWN_FILES = /^\/etc\/(systemd|bridge-setup)\//;

/**
 * Whether what a step does is still there after a boot. What it did to the running network is not, and the services
 * are started by the boot itself.
 */
export function lastsOverBoot(step: Step): boolean {
  switch (step.kind) {
    case 'write-file':
    case 'remove-file':
    case 'install-program':
    case 'remove-program':
    case 'restore-program':
      return true;
    case 'run':
      return (
        step.argv[0] === 'systemctl' && ['enable', 'disable', 'daemon-reload'].includes(step.argv[1] ?? '')
      );
    case 'restore-firewall-zone':
      return step.lasting;
    default:
      return false;
  }
}

/** systemd goes by what it has read; a unit file that is changed back has to be read again after that. */
function reloadAfter({ step }: JournalEntry): Step[] {
  if (step.kind !== 'write-file' || !step.path.startsWith('/etc/systemd/system/')) return [];
  return [
    {
      id: `reload-after-${step.id}`,
      title: 'Make systemd read its units again',
      kind: 'run',
      argv: ['systemctl', 'daemon-reload'],
      undo: null,
      timeoutSeconds: 60,
    },
  ];
}

const zoneTitle = ({ link, zone, before }: FirewallZone): string =>
  before === null
    ? `Take ${link} out of the zone ${zone} of firewalld`
    : `Put ${link} back into the zone ${before} of firewalld`;

function inverseOf({ step, before }: JournalEntry): Step[] {
  const id = `undo-${step.id}`;
  switch (step.kind) {
    case 'write-file':
      return before === null
        ? [{ id, title: `Remove ${step.path}`, kind: 'remove-file', path: step.path, before: step.content }]
        : [
            {
              id,
              title: `Restore ${step.path}`,
              kind: 'write-file',
              path: step.path,
              content: before.content,
              mode: before.mode,
              before: step.content,
              attributesOf: before.copy,
            },
          ];
    case 'remove-file':
      return [
        {
          id,
          title: `Restore ${step.path}`,
          kind: 'write-file',
          path: step.path,
          content: step.before,
          mode: before?.mode ?? 0o644,
          before: null,
          ...(before === null ? {} : { attributesOf: before.copy }),
        },
      ];
    case 'run':
      return step.undo === null
        ? []
        : [
            {
              id,
              title: `Undo: ${step.title}`,
              kind: 'run',
              argv: step.undo,
              undo: step.argv,
              timeoutSeconds: step.timeoutSeconds,
            },
          ];
    case 'run-when-undone': {
      const { title, argv, timeoutSeconds } = step;
      return [{ id, title, kind: 'run', argv, undo: null, timeoutSeconds }];
    }
    case 'install-program':
      if (step.replaces !== null) {
        return [{ id, title: `Restore ${step.to}`, kind: 'restore-program', to: step.to }];
      }
      return [
        {
          id,
          title: `Remove ${step.to}`,
          kind: 'remove-program',
          to: step.to,
          commands: Object.keys(step.commands),
        },
      ];
    case 'probe-second-mac':
      return [{ id, title: `Remove ${step.link}`, kind: 'remove-probe-link', link: step.link }];
    case 'accept-rule':
      return [{ id, title: `Undo: ${step.title}`, kind: 'remove-accept-rule', bridge: step.bridge }];
    case 'insert-rule':
      return [{ ...step, id, title: `Undo: ${step.title}`, kind: 'remove-rule' }];
    case 'nft-rule':
      return [{ ...step, id, title: `Undo: ${step.title}`, kind: 'remove-nft-rule' }];
    case 'firewall-zone':
      return [{ ...step, id, title: zoneTitle(step), kind: 'restore-firewall-zone' }];
    case 'expect-network':
    case 'expect-bridge':
      // From here on there were ports for containers. The runtime, which would add them again, was stopped before.
      return [
        {
          id: 'remove-endpoints',
          title: `Take containers off ${step.bridge}`,
          kind: 'remove-endpoints',
          bridge: step.bridge,
        },
      ];
    case 'create-bridge':
    case 'copy-addresses':
    case 'drop-addresses':
    case 'add-port':
    case 'move-routes':
    case 'source-check':
    case 'retire-addresses':
    case 'stop-dhcp-client':
    case 'mark-interfaces':
      return [{ id, title: `Undo: ${step.title}`, ...inverseOfLive(step) }];
    case 'start-dhcp-client': {
      const { client, link, unleased } = step;
      return [
        { id, title: `Undo: ${step.title}`, ...inverseOfLive(step) },
        ...(unleased === undefined
          ? []
          : [
              {
                id: `${id}-lease`,
                title: `Remove the lease of ${client} from ${link}`,
                kind: 'end-lease' as const,
                ...{ client, link, ...unleased },
              },
            ]),
      ];
    }
    // Packages stay, since something else may use them by now. The rest changes nothing, or is an undo itself.
    case 'install-packages':
    case 'remove-probe-link':
    case 'remove-program':
    case 'restore-program':
    case 'remove-accept-rule':
    case 'remove-rule':
    case 'remove-nft-rule':
    case 'restore-firewall-zone':
    case 'remove-endpoints':
    case 'remove-bridge':
    case 'remove-port':
    case 'restore-addresses':
    case 'configure-name-servers':
    case 'end-lease':
    case 'await-docker':
    case 'await-runtime':
    case 'network-manager-state':
    case 'await-profiles':
      return [];
  }
}
