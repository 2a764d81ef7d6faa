// A reporter of Vitest for test/run.js: writes what a tier did into the file TIER_FILE, as JSON. Failures are those of
// tests, hooks, files and errors outside of them, each with the first lines of its message
// (https://vitest.dev/api/advanced/reporters).
import { writeFileSync } from 'node:fs';

/** Lines of a message that are written. */
const MESSAGE_LINES = 12;

/** One failure: where, and why, without the runner's own part of the stack. */
function entry(where, errors) {
  const lines = errors
    .flatMap(({ stack, message }) => (stack ?? message).split('\n'))
    .filter((line) => !line.includes('/node_modules/'))
    .slice(0, MESSAGE_LINES);
  return [`  ${where}`, ...lines.map((line) => `      ${line}`)].join('\n');
}

export default class TierReporter {
  /** @throws {Error} when the file cannot be written */
  onTestRunEnd(modules, unhandled) {
    const failures = [];
    const add = (where, errors) => errors.length > 0 && failures.push(entry(where, errors));
    const tests = [];
    for (const module of modules) {
      const file = module.relativeModuleId;
      add(file, module.errors());
      for (const suite of module.children.allSuites()) add(`${file}: ${suite.fullName}`, suite.errors());
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        tests.push({ file, name: test.fullName, state, ms: test.diagnostic()?.duration ?? 0 });
        if (state === 'failed') add(`${file}: ${test.fullName}`, errors);
      }
    }
    add('outside of the tests', unhandled);
    const files = modules.map((module) => ({
      file: module.relativeModuleId,
      // With its hooks, in which hosts are started.
      ms: module.diagnostic().duration,
    }));
    writeFileSync(process.env.TIER_FILE, JSON.stringify({ failures, tests, files }));
  }
}
