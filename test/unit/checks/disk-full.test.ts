import { describe, expect, it } from 'vitest';
import type { DiskSpace } from '../../../src/model/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

const MIB = 2 ** 20;
const room = (path: string, parts: Partial<DiskSpace> = {}): { disk: DiskSpace[] } => ({
  disk: [{ path, freeBytes: 100 * MIB, freeInodes: 10_000, readOnly: false, ...parts }],
});

describe('disk-full', () => {
  it.each([
    ['/var/lib', { freeBytes: 16 * MIB - 1 }, '15.9 MiB left'],
    ['/var/lib', { freeBytes: 0 }, '0 MiB left'],
    ['/var/lib', { freeInodes: 255 }, 'room for 255 more files'],
    ['/var/lib', { readOnly: true }, 'is read-only'],
    ['/etc', { freeBytes: MIB - 1 }, '0.9 MiB left'],
    ['/etc', { readOnly: true }, 'is read-only'],
  ])('is said of %s with %j', (path, parts, words) => {
    const finding = onlyFinding(room(path, parts));
    expect(finding).toMatchObject({ check: 'disk-full', severity: 'error' });
    expect(finding.message).toContain(path);
    expect(finding.message).toContain(words);
    expect(finding.remedy).toBeTruthy();
  });

  it.each([
    ['/var/lib', { freeBytes: 16 * MIB, freeInodes: 256 }],
    ['/var/lib', { freeBytes: null, freeInodes: null }],
    ['/etc', { freeBytes: MIB, freeInodes: 0 }],
    ['/srv', { freeBytes: 0, readOnly: true }],
  ])('is not said of %s with %j', (path, parts) => expect(ids(room(path, parts))).toEqual([]));

  it('is said of each folder', () => {
    const disk = ['/var/lib', '/etc'].flatMap((path) => room(path, { freeBytes: 0 }).disk);
    expect(ids({ disk })).toEqual(['error disk-full', 'error disk-full']);
  });
});
