import { type Asker, BACK, type Back, type Choice } from './asker.js';
import type { Topic } from './interview.js';

/** One NIC that a person may choose. */
export interface UplinkChoice {
  readonly name: string;
  /** What tells it apart: addresses, MAC, carrier. */
  readonly description: string;
}

/** A bridge that is there, and can be used as it is. */
export interface ExistingChoice {
  readonly name: string;
  /** Its port and address, and what is wrong with it. */
  readonly description: string;
}

/** What the wizard knows before it asks. */
export interface Detected {
  readonly existing: readonly ExistingChoice[];
  /** Whether a bridge could be made, or the configuration of one changed, instead. */
  readonly canMake: boolean;
  readonly uplinks: readonly UplinkChoice[];
  /** The address of the host now, and where it comes from, in words. */
  readonly address: string;
  /** Whether the address now is a lease: to keep it and to lease it are the same then. */
  readonly leased: boolean;
  readonly dockerInstalled: boolean;
  /** The file of the uplink or the bridge that cloud-init writes anew at a boot; `null` when it does not. */
  readonly rewritten: (uplink: string, bridge: string) => string | null;
  /** How many rules of the firewall name the uplink, and nothing follows from them for the bridge yet. */
  readonly firewallRules: (uplink: string, bridge: string) => number;
  /** Why a value cannot be taken, by its path; `null` when it can. */
  readonly problem: (path: string, draft: Draft) => string | null;
}

/** What was said so far; it begins with what was detected. */
export interface Draft {
  /** The bridge that is used as it is; empty: one is made, or its configuration changed. */
  readonly existing: string;
  readonly uplink: string;
  readonly name: string;
  readonly method: 'keep' | 'dhcp' | 'static';
  readonly address: string;
  readonly gateway: string;
  readonly cloudInit: 'refuse' | 'disable' | null;
  readonly firewall: 'follow' | 'keep' | 'refuse' | null;
  readonly docker: 'if-missing' | 'never' | null;
  readonly proof: 'dhcp' | 'static';
  readonly proofAddress: string;
}

/** The questions, in order: only what cannot be known. */
export function questions(detected: Detected): Topic<Draft>[] {
  const { uplinks, problem } = detected;
  const text = (key: 'name' | 'address' | 'gateway' | 'proofAddress', path: string, message: string) => ({
    ask: async (asker: Asker, draft: Draft, canGoBack: boolean): Promise<Draft | Back> => {
      const said = await asker.text({
        message,
        offered: draft[key],
        canGoBack,
        problem: (value) => problem(path, { ...draft, [key]: value }),
      });
      return said === BACK ? BACK : { ...draft, [key]: said };
    },
  });
  const topics: Topic<Draft>[] = [
    {
      applies: () => detected.existing.length > (detected.canMake ? 0 : 1),
      ask: choice('existing', 'Which bridge shall containers join?', () => [
        ...detected.existing.map(({ name, description }) => ({
          value: name,
          name: `${name} as it is, without a change of the network: ${description}`,
          short: `${name} as it is`,
        })),
        ...(detected.canMake
          ? [
              {
                value: '',
                name: 'One that bridge-setup configures: its network files are changed',
                short: 'one that bridge-setup configures',
              },
            ]
          : []),
      ]),
    },
    {
      applies: (draft) => isMade(draft) && uplinks.length > 1,
      ask: choice('uplink', 'Which NIC is on the LAN?', () =>
        uplinks.map(({ name, description }) => ({
          value: name,
          name: `${name}  ${description}`,
          short: name,
        })),
      ),
    },
    { applies: isMade, ...text('name', 'bridge.name', 'Name of the bridge') },
    {
      applies: (draft) => isMade(draft) && detected.rewritten(draft.uplink, draft.name) !== null,
      ask: choice(
        'cloudInit',
        'cloud-init writes the network files anew at a boot, without the bridge. Switch that off?',
        ({ uplink, name }) => [
          {
            value: 'refuse',
            name: `No: ${detected.rewritten(uplink, name)} stays its own; this ends here`,
            short: 'no',
          },
          {
            value: 'disable',
            name: 'Yes: by a file in /etc/cloud/cloud.cfg.d, which rollback removes',
            short: 'yes',
          },
        ],
      ),
    },
    {
      applies: (draft) => isMade(draft) && detected.firewallRules(draft.uplink, draft.name) > 0,
      ask: choice(
        'firewall',
        'Rules of the firewall name the NIC, and the LAN will be on the bridge. What about them?',
        ({ uplink, name }) => [
          {
            value: 'follow',
            name: `Add the same rules for ${name}: what is open stays open, what is closed stays closed`,
            short: 'add the same for the bridge',
          },
          {
            value: 'keep',
            name: 'Leave the firewall as it is: new SSH connections may be refused',
            short: 'leave it as it is',
          },
          {
            value: 'refuse',
            name: `End here, and show the rules for ${uplink}`,
            short: 'end here',
          },
        ],
      ),
    },
    {
      applies: isMade,
      ask: choice('method', 'Address of this host, on the bridge:', () => [
        { value: 'keep', name: `Keep it as it is: ${detected.address}`, short: 'as it is' },
        ...(detected.leased
          ? []
          : [{ value: 'dhcp' as const, name: 'From the DHCP server of the LAN', short: 'by DHCP' }]),
        { value: 'static', name: 'Another static address', short: 'static' },
      ]),
    },
    { applies: isStatic, ...text('address', 'address.address', 'Address with prefix length') },
    { applies: isStatic, ...text('gateway', 'address.gateway', 'Gateway') },
    {
      applies: () => !detected.dockerInstalled,
      ask: choice('docker', 'Docker is not installed. Install the one of the distribution?', () => [
        { value: 'if-missing', name: 'Yes' },
        { value: 'never', name: 'No: I install it myself, before or after', short: 'No' },
      ]),
    },
    {
      applies: () => true,
      ask: choice('proof', 'How shall it be proved that containers are on the LAN?', () => [
        {
          value: 'dhcp',
          name: 'By a test container that the DHCP server of the LAN gives an address',
          short: 'DHCP',
        },
        {
          value: 'static',
          name: 'By one with a free address that I name: there is no DHCP server',
          short: 'static',
        },
      ]),
    },
    {
      applies: ({ proof }) => proof === 'static',
      ...text(
        'proofAddress',
        'verify.container.address',
        'Free address for the test container, with prefix length',
      ),
    },
  ];
  return topics;
}

const isMade = ({ existing }: Draft) => existing === '';
const isStatic = (draft: Draft) => isMade(draft) && draft.method === 'static';

/** A question with a choice; what was said, or is usual, is offered. */
function choice<K extends 'existing' | 'uplink' | 'cloudInit' | 'firewall' | 'method' | 'docker' | 'proof'>(
  key: K,
  message: string,
  choices: (draft: Draft) => readonly Choice<NonNullable<Draft[K]>>[],
): Topic<Draft>['ask'] {
  return async (asker, draft, canGoBack) => {
    const offers = choices(draft);
    const usual = offers.find(({ value }) => value === draft[key]) ?? offers[0];
    const said = await asker.choose({
      message,
      choices: offers,
      offered: (usual?.value ?? '') as NonNullable<Draft[K]>,
      canGoBack,
    });
    return said === BACK ? BACK : { ...draft, [key]: said };
  };
}

/** How the runtime is installed on this host: there is nothing to ask about it. */
export type RuntimeInstall = 'service' | 'container' | 'none';

/** What was said, as an answers object that is not parsed yet. */
export function answersOf(draft: Draft, runtime: RuntimeInstall): Readonly<Record<string, unknown>> {
  const { uplink, name, method, address, gateway, cloudInit, firewall, docker, proof, proofAddress } = draft;
  const common = {
    ...(docker === null ? {} : { docker: { install: docker } }),
    runtime: { install: runtime },
    verify: { container: { address: proof === 'dhcp' ? 'dhcp' : proofAddress } },
  };
  if (draft.existing !== '')
    return { version: 1, bridge: { name: draft.existing, existing: true }, ...common };
  return {
    version: 1,
    bridge: { name, uplink },
    address: method === 'static' ? { method, address, gateway } : { method },
    ...common,
    ...(cloudInit === null && firewall === null
      ? {}
      : {
          safety: {
            ...(cloudInit === null ? {} : { cloudInit }),
            ...(firewall === null ? {} : { firewall }),
          },
        }),
  };
}
