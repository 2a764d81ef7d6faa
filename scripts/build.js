// `npm run build`: dist/, which is what runs.
import { bundle } from './bundle.js';

await bundle({ main: 'src/main.ts' }, 'dist');
