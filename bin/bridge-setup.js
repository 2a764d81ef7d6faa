#!/usr/bin/env node
// `--version` answers without loading the program: scripts ask it often.
if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  console.log(version);
} else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}
