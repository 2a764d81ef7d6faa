import { dirname } from 'node:path';
import type { Host } from '../host/host.js';
import { RUNTIME_CONFIG_FILE, STATE_FOLDER } from '../model/paths.js';
import type { RunCommand, Step, WriteFile } from '../model/plan.js';
import { restoreAttributes } from './checkpoint.js';
import type { ApplyContext } from './context.js';
import { awaitDocker, awaitRuntime, expectBridge, expectNetwork } from './expect.js';
import { readFileOrFail, sameContent } from './files.js';
import { insertRule, removeRule } from './firewall-rule.js';
import { bindZone, restoreZone } from './firewall-zone.js';
import { carryOutLive } from './live/index.js';
import { awaitProfiles, leaveWord } from './network-manager.js';
import { addNftRule, removeNftRule } from './nft-rule.js';
import { installPackages } from './packages.js';
import { installProgram, removeProgram, restoreProgram } from './program.js';
import { probeSecondMac, removeProbeLink } from './second-mac-probe.js';

/** Carry out one step. Throws when it fails; the journal is the caller's. */
export async function carryOut(step: Step, context: ApplyContext): Promise<void> {
  const { host } = context;
  switch (step.kind) {
    case 'install-packages':
      return installPackages(step, context);
    case 'probe-second-mac':
      return probeSecondMac(step, context);
    case 'remove-probe-link':
      return removeProbeLink(step, host);
    case 'install-program':
      return installProgram(step, host);
    case 'remove-program':
      return removeProgram(step, host);
    case 'restore-program':
      return restoreProgram(step, host);
    case 'write-file':
      if (await sameContent(host, step.path, step.content)) return undefined;
      await readFileOrFail(host, step.path, step.before);
      await host.files.mkdir(step.path.slice(0, step.path.lastIndexOf('/')));
      if (step.attributesOf === undefined && step.before !== null) return rewrite(step, host);
      await host.files.write(step.path, step.content, step.mode);
      return step.attributesOf === undefined
        ? label(host, step.path)
        : restoreAttributes(host, step.attributesOf, step.path);
    case 'remove-file':
      if (!(await host.files.exists(step.path))) return undefined;
      await readFileOrFail(host, step.path, step.before);
      await host.files.remove(step.path);
      return removeOwnFolder(host, step.path);
    case 'run':
      return runCommand(step, context);
    case 'run-when-undone':
      return undefined;
    case 'accept-rule':
      return context.firewall.accept(step.bridge);
    case 'remove-accept-rule':
      return context.firewall.remove(step.bridge);
    case 'insert-rule':
      return insertRule(step, host);
    case 'remove-rule':
      return removeRule(step, host);
    case 'nft-rule':
      return addNftRule(step, host);
    case 'remove-nft-rule':
      return removeNftRule(step, host);
    case 'firewall-zone':
      return bindZone(step, host);
    case 'restore-firewall-zone':
      return restoreZone(step, host);
    case 'remove-endpoints':
      return context.removeEndpoints(step.bridge);
    case 'expect-network':
      return expectNetwork(step, context);
    case 'expect-bridge':
      return expectBridge(step, context);
    case 'await-docker':
      return awaitDocker(step, context);
    case 'await-runtime':
      return awaitRuntime(step, context);
    case 'network-manager-state':
      return leaveWord(step, host);
    case 'await-profiles':
      return awaitProfiles(step, host);
    default:
      return carryOutLive(step, context);
  }
}

/**
 * Give a file another text; owner, mode, access list, attributes and label stay. Without its access list the mode would
 * give the group what the list's mask is (acl(5)), so until the list is there the group has nothing.
 */
async function rewrite({ path, content, mode }: WriteFile, host: Host): Promise<void> {
  const kept = `${STATE_FOLDER}/attributes`;
  await host.files.mkdir(STATE_FOLDER, 0o700);
  await host.files.remove(kept);
  const original = await host.files.realpath(path);
  const copy = ['cp', '--attributes-only', '--preserve=all'];
  await host.run([...copy, '--', original, kept]);
  try {
    await host.files.write(path, content, mode & ~0o070);
    await host.run([...copy, '--no-preserve=timestamps', '--', kept, original]);
  } finally {
    await host.files.remove(kept);
  }
}

/** A folder that only this program makes goes with its last file. */
async function removeOwnFolder(host: Host, path: string): Promise<void> {
  const folder = dirname(path);
  if (folder !== dirname(RUNTIME_CONFIG_FILE) || (await host.files.list(folder)).length > 0) return;
  await host.files.removeTree(folder);
}

/** With SELinux (selinuxfs is mounted), a new file has the label of its folder, not the one that the policy has for it. */
async function label(host: Host, path: string): Promise<void> {
  if (await host.files.exists('/sys/fs/selinux/enforce')) {
    await host.run(['restorecon', path], { check: false });
  }
}

async function runCommand(
  { argv, timeoutSeconds }: RunCommand,
  { host, progress }: ApplyContext,
): Promise<void> {
  await host.run(argv, {
    timeoutMs: timeoutSeconds * 1000,
    // Ctrl-C in the terminal must not end `ifup` half way: the run stops between steps.
    ownProcessGroup: true,
    onLine: (line) => progress.line(line),
  });
}
