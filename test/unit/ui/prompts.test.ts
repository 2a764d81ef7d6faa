import inquirer from 'inquirer';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { askQuestions } from '../../../src/ui/prompts.js';

interface Question {
  readonly name: string;
  readonly message: string;
  readonly default?: unknown;
}

afterEach(() => vi.restoreAllMocks());

/** Ask somebody who says this, and takes what is offered otherwise; the answers, and the questions put. */
async function ask(file: string | null, says: Readonly<Record<string, unknown>> = {}) {
  const asked: Question[] = [];
  const given: Record<string, unknown> = { choice: 'keep', ...says };
  vi.spyOn(inquirer, 'prompt').mockImplementation((async (questions: Question[]) => {
    asked.push(...questions);
    return Object.fromEntries(questions.map(({ name, default: offered }) => [name, given[name] ?? offered]));
  }) as unknown as typeof inquirer.prompt);
  const answers = await askQuestions({
    uplinks: [{ name: 'eth0', description: '' }],
    bridgeName: 'br0',
    method: 'dhcp',
    address: null,
    gateway: null,
    dockerInstalled: true,
    systemd: true,
    rewritten: (uplink, bridge) => (uplink === 'eth0' && bridge === 'lan0' ? file : null),
    problem: () => null,
  });
  return { answers, cloudInit: asked.find(({ message }) => message.includes('cloud-init')) };
}

describe('what is asked about cloud-init', () => {
  it('is nothing where it leaves the files of this uplink and bridge alone', async () => {
    for (const { answers, cloudInit } of [await ask(null, { name: 'lan0' }), await ask('/etc/x')]) {
      expect(cloudInit).toBeUndefined();
      expect(answers).not.toHaveProperty('safety');
    }
  });

  it('is whether to switch it off; what is offered is no', async () => {
    const { answers, cloudInit } = await ask('/etc/network/interfaces.d/50-cloud-init', { name: 'lan0' });
    expect(cloudInit?.message).toContain('/etc/network/interfaces.d/50-cloud-init');
    expect(cloudInit?.default).toBe(false);
    expect(answers).toMatchObject({ safety: { cloudInit: 'refuse' } });
  });

  it('is done when the answer is yes', async () => {
    const { answers } = await ask('/etc/x', { name: 'lan0', disable: true });
    expect(answers).toMatchObject({ safety: { cloudInit: 'disable' }, bridge: { name: 'lan0' } });
  });
});
