#!/usr/bin/env node
// The name that pipework's users type: the same as `bridge-setup attach`.
import { main } from '../dist/main.js';

await main(['attach', ...process.argv.slice(2)]);
