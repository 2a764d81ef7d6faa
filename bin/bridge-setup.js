#!/usr/bin/env node
// npm only warns of an older Node.js, and a clone is run without npm, too.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Error: bridge-setup needs Node.js 20.19 or newer; this is ${process.versions.node}. [node-too-old]
Debian 12 has 18: take a newer one from https://nodejs.org/en/download or NodeSource.`);
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
