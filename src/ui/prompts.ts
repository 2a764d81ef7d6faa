import inquirer from 'inquirer';

/** One NIC that a person may choose. */
export interface UplinkChoice {
  readonly name: string;
  /** What tells it apart: MAC, addresses, carrier. */
  readonly description: string;
}

/** What the wizard knows before it asks. */
export interface Detected {
  readonly uplinks: readonly UplinkChoice[];
  readonly bridgeName: string;
  readonly method: 'dhcp' | 'static';
  readonly address: string | null;
  readonly gateway: string | null;
  readonly dockerInstalled: boolean;
  readonly systemd: boolean;
  /** The file of the uplink or the bridge that cloud-init writes anew at a boot; `null` when it does not. */
  readonly rewritten: (uplink: string, bridge: string) => string | null;
  /** Why a value cannot be taken; `null` when it can. */
  readonly problem: (path: string, value: string) => string | null;
}

/** Ask what cannot be known. The result is an answers object, not yet parsed. */
export async function askQuestions(detected: Detected): Promise<unknown> {
  const valid = (path: string) => (value: string) => detected.problem(path, value.trim()) ?? true;
  const uplink = await askUplink(detected);
  const { name } = await inquirer.prompt([
    {
      type: 'input',
      name: 'name',
      message: 'Name of the bridge:',
      default: detected.bridgeName,
      validate: valid('bridge.name'),
    },
  ]);
  const bridge = { name: String(name).trim(), uplink };
  const safety = await askCloudInit(detected.rewritten(bridge.uplink, bridge.name));
  const address = await askAddress(detected, valid);
  const docker = detected.dockerInstalled ? {} : { docker: { install: await askDocker() } };
  const proof = await askProof(valid);
  return {
    version: 1,
    bridge,
    address,
    ...docker,
    runtime: { install: detected.systemd ? 'service' : 'none' },
    verify: { container: { address: proof } },
    ...safety,
  };
}

async function askUplink({ uplinks }: Detected): Promise<string> {
  const [only] = uplinks;
  if (uplinks.length === 1 && only !== undefined) return only.name;
  const { uplink } = await inquirer.prompt([
    {
      type: 'select',
      name: 'uplink',
      message: 'Which NIC is on the LAN?',
      choices: uplinks.map(({ name, description }) => ({ value: name, name: `${name}  ${description}` })),
    },
  ]);
  return uplink;
}

async function askAddress(
  { method, address, gateway }: Detected,
  valid: (path: string) => (value: string) => string | true,
): Promise<unknown> {
  const now = method === 'dhcp' ? 'DHCP' : `static, ${address ?? 'no address'}`;
  const { choice } = await inquirer.prompt([
    {
      type: 'select',
      name: 'choice',
      message: 'Address of this host:',
      choices: [
        { value: 'keep', name: `Keep as it is (${now})` },
        { value: 'dhcp', name: 'From the DHCP server of the LAN' },
        { value: 'static', name: 'Another static address' },
      ],
    },
  ]);
  if (choice !== 'static') return { method: choice };
  const given = await inquirer.prompt([
    {
      type: 'input',
      name: 'address',
      message: 'Address with prefix length:',
      default: address ?? '',
      validate: valid('address.address'),
    },
    {
      type: 'input',
      name: 'gateway',
      message: 'Gateway:',
      default: gateway ?? '',
      validate: valid('address.gateway'),
    },
  ]);
  return { method: 'static', address: given.address.trim(), gateway: given.gateway.trim() };
}

async function askCloudInit(file: string | null): Promise<object> {
  if (file === null) return {};
  const { disable } = await inquirer.prompt([
    {
      type: 'confirm',
      name: 'disable',
      message: `cloud-init writes ${file} anew at a boot, without the bridge. Switch that off?`,
      default: false,
    },
  ]);
  return { safety: { cloudInit: disable ? 'disable' : 'refuse' } };
}

async function askDocker(): Promise<string> {
  const { install } = await inquirer.prompt([
    {
      type: 'confirm',
      name: 'install',
      message: 'Docker is not installed. Install the one of the distribution?',
      default: true,
    },
  ]);
  return install ? 'if-missing' : 'never';
}

async function askProof(valid: (path: string) => (value: string) => string | true): Promise<string> {
  const { proof } = await inquirer.prompt([
    {
      type: 'input',
      name: 'proof',
      message: 'Address of the test container, "dhcp" or a free one with prefix length:',
      default: 'dhcp',
      validate: valid('verify.container.address'),
    },
  ]);
  return proof.trim();
}

/** Ask before acting. */
export async function askConfirmation(message: string): Promise<boolean> {
  const { yes } = await inquirer.prompt([{ type: 'confirm', name: 'yes', message, default: false }]);
  return yes;
}

/**
 * Wait for Enter: that it arrives shows that the session has survived. `false`: Ctrl-C, which shows that too. Rejects
 * when the terminal is gone, or when the signal says that it was decided otherwise.
 */
export async function askToKeep(signal: AbortSignal): Promise<boolean> {
  const message = 'Press Enter to keep it, or run `bridge-setup confirm` in a new session:';
  try {
    await inquirer.createPromptModule({ signal })([{ type: 'input', name: 'enter', message }]);
    return true;
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError' && /SIGINT/.test((error as Error).message)) return false;
    throw error;
  }
}
