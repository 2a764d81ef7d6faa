#!/usr/bin/env node
import { problemWithNode } from './node-version.js';

// npm only warns of an older Node.js, and a clone is run without npm, too.
const problem = problemWithNode(process.versions.node);
if (problem !== null) {
  console.error(problem);
  process.exitCode = 2;
} else if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  // `--version` answers without loading the program: scripts ask it often.
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  console.log(version);
} else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}
