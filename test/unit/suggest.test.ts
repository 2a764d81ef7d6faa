import { expect, it } from 'vitest';
import { nearestOf } from '../../src/suggest.js';

it.each([
  ['rolback', 'rollback'],
  ['staus', 'status'],
  ['frobnicate', null],
])('%s: %s', (word, nearest) => {
  expect(nearestOf(word, ['rollback', 'status', 'verify'])).toBe(nearest);
});
