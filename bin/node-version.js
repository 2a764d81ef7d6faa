// In plain words of the language, and without imports: this runs on each Node.js that somebody may have.

/**
 * Why a Node.js is too old for this program; `null`: it is not.
 * @param {string} version such as `20.19.0`
 */
export function problemWithNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return null;
  return `Error: bridge-setup needs Node.js 20.19 or newer; this is ${version}. [node-too-old]
Debian 12 has 18: take a newer one from https://nodejs.org/en/download or NodeSource.`;
}
