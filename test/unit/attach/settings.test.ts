import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PIPEWORK_SETTINGS } from '../../../src/attach/docker-pipework.js';
import { passesFilters } from '../../../src/attach/event-filters.js';
import { parseSettings, retryDelay } from '../../../src/attach/settings.js';
import type { SetupError } from '../../../src/errors.js';
import { containerInfo } from '../support/fake-host.js';

const modesOf = (run_mode: string) => [...parseSettings({ run_mode }).modes].sort().join();
const pathsOf = (env: Record<string, string>) => {
  try {
    parseSettings(env);
  } catch (error) {
    return (error as SetupError).problems.map(({ path }) => path);
  }
  return [];
};

describe("docker-pipework's settings", () => {
  it('are daemon mode without any', () => {
    expect(parseSettings({ PATH: '/bin' })).toMatchObject({
      key: null,
      filters: {},
      retryMs: null,
      notes: [],
    });
    expect([...parseSettings({}).modes]).toEqual(['daemon']);
  });

  it.each([
    ['manual', 'manual'],
    ['both', 'batch,daemon'],
    ['all', 'batch,daemon,manual'],
    ['daemon, batch', 'batch,daemon'],
  ])('know the run mode %s', (text, modes) => expect(modesOf(text)).toBe(modes));

  it('may have the prefix, and the one without it counts', () => {
    expect(parseSettings({ pipework_key: 'a' }).key).toBe('a');
    expect(parseSettings({ pipework_key: 'a', key: 'b' }).key).toBe('b');
  });

  it('have the rules for manual mode in the order of sort(1)', () => {
    const { rules } = parseSettings({
      b_pipework_cmd: '2',
      pipework_cmd: '4',
      cmd: '3',
      a_pipework_cmd_x: '1',
    });
    expect(rules.map(({ rule }) => rule)).toEqual(['1', '2', '3', '4']);
  });

  it.each([
    [{ run_mode: 'deamon' }, 'run_mode'],
    [{ pipework_retry_delay: '5s' }, 'pipework_retry_delay'],
    [{ up_time: '-1' }, 'up_time'],
    [{ event_filters: 'image=redis,type=volume' }, 'event_filters'],
  ])('name the one that is wrong in %j', (env, path) => expect(pathsOf(env as never)).toEqual([path]));

  it('name all that are wrong at once', () => {
    const env = { run_mode: 'deamon', event_filters: 'type=volume,image=', sleep: 'long' };
    expect(pathsOf(env).sort()).toEqual(['event_filters', 'event_filters', 'run_mode', 'sleep']);
  });

  it('wait twice as long after each failure', () => {
    const waits = (retryMs: number | null) => [1, 2, 3, 9].map((n) => retryDelay(n, { retryMs }));
    expect(waits(5000)).toEqual([5000, 10_000, 20_000, 60_000]);
    expect(waits(null)).toEqual([1000, 2000, 4000, 60_000]);
    expect(waits(90_000)).toEqual([90_000, 90_000, 90_000, 90_000]);
  });

  it('say in one line each what they do not do', () => {
    expect(parseSettings({ host_routes: 'true', pipework_debug: '1', key: 'x' }).notes).toEqual([
      'pipework_debug is not used: --verbose shows every command that is run',
      'host_routes is not needed: the host reaches a container on its bridge anyway',
    ]);
  });

  it('are all in the documentation', () => {
    const text = readFileSync(new URL('../../../docs/docker-pipework.md', import.meta.url), 'utf8');
    for (const { scope, name } of PIPEWORK_SETTINGS) {
      const prefix = scope === 'container' ? 'pipework_' : '';
      expect(text, name).toMatch(new RegExp(`\`\\*?${prefix}${name}\\*?\``));
    }
  });
});

describe('event_filters', () => {
  const web = containerInfo({ image: 'reg:5000/shop:3', labels: { tier: 'front' } });
  it.each([
    ['container=web-7', true],
    ["'container=/web',image=redis", false],
    ['"image=redis","image=reg:5000/shop"', true],
    ['image=reg:5000/shop:3', true],
    ['image=reg', false],
    ['container=0123456', true],
    ['container=db,container=web-7', true],
    ['label=tier', true],
    ['label=tier=front', true],
    ['label=tier,label=other', false],
    ['event=start', true],
  ])('%s: %s', (text, passes) => {
    expect(passesFilters(web, parseSettings({ event_filters: text }).filters)).toBe(passes);
  });
});
