import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** Node.js is one that the program runs on. */
export const nodeVersion: DoctorCheck = {
  id: 'node-version',
  title: 'Node.js is new enough',
  group: 'runtime',
  looksAt: 'The Node.js that runs this, and the one that the service was installed with.',
  cause: 'Node.js was downgraded, removed, or moved: a version manager keeps each one at a path of its own.',
  run({ doctor: { program } }) {
    const { node, neededNode, serviceNode } = program;
    const remedy = `Install Node.js ${neededNode} or newer, and run bridge-setup again: it writes the new path into the service.`;
    if (isOlder(node, neededNode)) {
      return [error('node-too-old', `This runs on Node.js ${node}, and needs ${neededNode}.`, remedy)];
    }
    if (serviceNode === null) return [];
    const { path, version } = serviceNode;
    if (version === null) {
      return [error('node-missing', `The service is to run ${path}, which does not start.`, remedy)];
    }
    return isOlder(version, neededNode)
      ? [
          error(
            'node-too-old',
            `The service runs on Node.js ${version} (${path}), and needs ${neededNode}.`,
            remedy,
          ),
        ]
      : [];
  },
};

function isOlder(version: string, needed: string): boolean {
  const [own, least] = [version, needed].map((text) => text.split('.').map(Number));
  for (const [index, part] of (least ?? []).entries()) {
    const mine = own?.[index] ?? 0;
    if (mine !== part) return mine < part;
  }
  return false;
}
