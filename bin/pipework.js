#!/usr/bin/env node
// The name that pipework's users type: the same as `bridge-setup attach`.
import { problemWithNode } from './node-version.js';

const problem = problemWithNode(process.versions.node);
if (problem !== null) {
  console.error(problem);
  process.exitCode = 2;
} else {
  const { main } = await import('../dist/main.js');
  await main(['attach', ...process.argv.slice(2)]);
}
