import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert } from '../../../../src/backends/ifcfg/convert.js';
import { ifcfg } from '../../../../src/backends/ifcfg/index.js';
import { parse } from '../../../../src/backends/ifcfg/parse.js';
import { assignmentsOf, print } from '../../../../src/backends/ifcfg/shell.js';
import { SetupError } from '../../../../src/errors.js';
import type { JournalLine } from '../../../../src/model/journal.js';
import { readJournal } from '../../../../src/model/journal.js';
import type { AddressSpec } from '../../../../src/model/spec.js';
import { invert } from '../../../../src/plan/invert.js';
import { ModelFiles } from '../../support/model-files.js';
import { spec } from '../support.js';
import { ifcfgFiles, ifcfgText, RUNS, workingText } from './arbitrary.js';
import { converted, FOLDER, rhelFacts } from './support.js';

const addresses = fc.constantFrom<AddressSpec>(
  { method: 'keep' },
  { method: 'dhcp' },
  { method: 'static', address: '192.168.1.20/24', gateway: '192.168.1.1', nameservers: ['1.1.1.1'] },
);

describe('any files', () => {
  it('are printed as they were read', () => {
    fc.assert(
      fc.property(ifcfgText, (text) => {
        expect(print(parse(text))).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  it('are refused by name or planned, never anything else, and doctor has its word on them', () => {
    fc.assert(
      fc.property(ifcfgFiles, addresses, (contents, address) => {
        const facts = rhelFacts(contents);
        ifcfg.differences(facts, 'br0');
        try {
          ifcfg.plan(facts, spec(address));
        } catch (error) {
          if (!(error instanceof SetupError)) throw error;
          expect(error.exitCode).toBe(3);
          expect(error.hint).toBeTruthy();
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a host that works', () => {
  /** Planned and carried out on a model of its files; none when it is refused. */
  function carriedOut(contents: Record<string, string>, address: AddressSpec) {
    const facts = rhelFacts(contents);
    try {
      const conversion = convert(facts.files, spec(address), facts);
      const steps = ifcfg.plan(facts, spec(address)).steps;
      return { facts, conversion, steps };
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      return null;
    }
  }
  const files = workingText.map((text) => ({
    'ifcfg-eth0': text,
    'ifcfg-eth0:0': 'IPADDR=192.168.1.30',
    'route-eth0': '10.0.0.0/8 dev eth0\n',
  }));

  it('comes to a fixed point, and each setting stands somewhere after', () => {
    let planned = 0;
    fc.assert(
      fc.property(files, (contents) => {
        if (carriedOut(contents, { method: 'keep' }) === null) return;
        planned += 1;
        const { changed } = converted(contents);
        const names = (text: string) =>
          assignmentsOf(parse(text)).map((each) => `${each.name}=${each.value}`);
        const after = [changed['ifcfg-br0'] ?? '', changed['ifcfg-eth0'] ?? ''].flatMap(names);
        const before = names(contents['ifcfg-eth0']).filter((each) => each !== 'ONBOOT=no');
        expect(after).toEqual(expect.arrayContaining(before));
        const comments = (text: string) => text.split('\n').filter((line) => line.startsWith('#'));
        expect(comments(changed['ifcfg-eth0'] ?? '')).toEqual(comments(contents['ifcfg-eth0']));
      }),
      { numRuns: Math.min(RUNS, 1000) },
    );
    expect(planned).toBeGreaterThan(50);
  });

  it('is taken back to the very bytes of before', () => {
    fc.assert(
      fc.property(files, addresses, (contents, address) => {
        const planned = carriedOut(contents, address);
        if (planned === null) return;
        const model = new ModelFiles(planned.facts.files);
        const journal: JournalLine[] = [];
        for (const step of planned.steps) {
          if (step.kind !== 'write-file' && step.kind !== 'remove-file') continue;
          journal.push(...model.intentAndDone(step, journal.length));
        }
        expect(journal.length).toBeGreaterThan(0);
        const { entries } = readJournal(journal.map((line) => `${JSON.stringify(line)}\n`).join(''));
        for (const { step } of invert(entries)) model.carryOut(step);
        expect(model.all()).toEqual(planned.facts.files);
      }),
      { numRuns: Math.min(RUNS, 1000) },
    );
  });
});

// Files of real hosts, which are not ours to keep: IFCFG_CORPUS=/path npx vitest run … (a folder of texts).
describe.skipIf(process.env.IFCFG_CORPUS === undefined)('a corpus', () => {
  const root = process.env.IFCFG_CORPUS ?? '';
  const texts = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

  it('is printed byte for byte, and converted or refused by name', () => {
    const outcomes: Record<string, number> = {};
    for (const text of texts()) {
      expect(print(parse(text))).toBe(text);
      const device = /^[ \t]*DEVICE=["']?([\w.-]+)/m.exec(text)?.[1] ?? 'eth0';
      // The NIC of that host is not there, so that its HWADDR cannot differ.
      const facts = rhelFacts({ [`ifcfg-${device}`]: text }, { links: [] });
      let outcome = 'converted';
      try {
        const { changed } = convert(facts.files, { ...spec(), uplink: device }, facts);
        expect(changed).toHaveProperty([`${FOLDER}/ifcfg-br0`]);
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        outcome = error.code;
      }
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    console.info(outcomes);
  });
});
