import { EXIT, type ExitCode, usageError } from '../errors.js';
import type { Topology } from '../model/topology/view.js';
import { isUnicodeTerminal, Screen } from '../ui/screen.js';
import { topologySvg } from '../ui/topology-svg.js';
import { treeText } from '../ui/topology-tree.js';
import type { CliContext } from './context.js';
import { readFacts } from './read-facts.js';
import { readTopology } from './read-topology.js';

interface StatusFlags {
  readonly svg?: string;
  readonly watch?: boolean;
}

/** How often a host is looked at with --watch. */
const PERIOD_MS = 2000;

/** `bridge-setup status [--svg FILE] [--watch]`: what is, as a tree, a document or a picture. Touches nothing but FILE. */
export async function status(context: CliContext, given: StatusFlags): Promise<ExitCode> {
  const { host, output } = context;
  if (given.watch && given.svg !== undefined) {
    throw usageError('svg-with-watch', '--svg writes one picture, so it does not go with --watch.');
  }
  if (given.watch) return watchStatus(context);
  const topology = await readTopology(host, await readFacts(host));
  if (given.svg !== undefined) await writePicture(context, given.svg, topology);
  else output.advise(tree(context, topology));
  output.document(topology);
  return EXIT.ok;
}

async function writePicture({ host, output }: CliContext, file: string, topology: Topology): Promise<void> {
  try {
    await host.files.write(file, topologySvg(topology), 0o644);
  } catch (error) {
    throw usageError('svg-not-written', `${file} cannot be written: ${(error as Error).message}`);
  }
  output.print(`${file} is written.`);
}

function tree({ host, output }: CliContext, topology: Topology): string {
  return treeText(topology, {
    width: process.stdout.columns || 80,
    unicode: isUnicodeTerminal(host.env),
    style: output.style,
  });
}

/** Until Ctrl-C. On a terminal the picture is drawn anew; elsewhere each one that differs is appended. */
async function watchStatus(context: CliContext): Promise<ExitCode> {
  const { host, output, signal } = context;
  const canRedraw = process.stdout.isTTY === true && host.env.TERM !== 'dumb' && !output.json;
  const screen = canRedraw ? new Screen(process.stdout) : null;
  let before = '';
  let last = '';
  try {
    while (!signal.aborted) {
      const topology = await readTopology(host, await readFacts(host));
      const substance = substanceOf(topology);
      last = output.json ? JSON.stringify(topology) : tree(context, topology);
      if (screen !== null) screen.draw(`${last}\n\n${topology.at}, Ctrl-C ends`);
      else if (substance !== before) {
        process.stdout.write(
          output.json ? `${last}\n` : `${before === '' ? '' : '\n'}${topology.at}\n${last}\n`,
        );
      }
      before = substance;
      await host.clock.sleep(PERIOD_MS, signal).catch(() => {});
    }
  } finally {
    screen?.end(last);
  }
  return EXIT.ok;
}

/** What is the same while nothing happens: all but what passes with time. A lease that was renewed is something. */
function substanceOf(topology: Topology): string {
  return JSON.stringify(topology, (key, value) => (key === 'at' || key === 'ageSeconds' ? undefined : value));
}
