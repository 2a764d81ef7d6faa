// `npm run build`: dist/, which is what runs. `npm ci` ends with it, so it is the first to meet a Node.js that is too old.
import { problemWithNode } from '../bin/node-version.js';

const problem = problemWithNode(process.versions.node);
if (problem !== null) {
  console.error(problem);
  process.exitCode = 2;
} else {
  // Only now: what it imports does not load there.
  const { bundle } = await import('./bundle.js');
  await bundle({ main: 'src/main.ts' }, 'dist');
}
