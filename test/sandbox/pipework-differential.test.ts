import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { FORMS, type Form } from './pipework-forms.js';
import { inside, pipework, startContainer, startPipeworkHost, THIRD } from './pipework-support.js';
import { docker, document, eventually, importImage } from './support.js';

/** The original script; it is nobody's to be copied into this project. */
const PIPEWORK = process.env.PIPEWORK;
const ORIGINAL = '/tmp/original/pipework';

/** By its MAC address: never the far end of a port of br0. */
const BACK = `ip link show LINK | grep -q ${THIRD.mac} && ip link set LINK netns 1 name eth2`;

/** What the original leaves behind, and bridges of the forms. */
const TIDY = `for link in br5 br6 eth1.10; do ip link delete $link; done
find /run/netns -type l -delete
ip link set eth2 up; ip address flush dev eth2`;

/** What there is in the container and on the host's side afterwards, a line each. */
interface Outcome {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

describe.runIf(PIPEWORK)('as the original, for each form of its README', () => {
  let copy: RunningCopy;
  beforeAll(async () => {
    copy = await startPipeworkHost(['iputils-arping']);
    await importImage(copy);
    await copy.sandbox.write(ORIGINAL, readFileSync(PIPEWORK ?? '', 'utf8'), 0o755);
  });
  afterAll(() => copy?.stop());

  it.each(FORMS.map((form) => [form.name, form] as const))('%s', async (name, form) => {
    const theirs = await tryOut(form, (args) =>
      copy.sandbox.run([ORIGINAL, ...args], { check: false, timeoutMs: 60_000 }),
    );
    const ours = await tryOut(form, (args) => pipework(copy, ...args, ...(form.ours ?? [])));
    const differences = [
      ...(theirs.ok === ours.ok
        ? []
        : [`- ${theirs.ok ? 'succeeds' : 'fails'}`, `+ ${ours.ok ? 'succeeds' : 'fails'}`]),
      ...theirs.lines.filter((line) => !ours.lines.includes(line)).map((line) => `- ${line}`),
      ...ours.lines.filter((line) => !theirs.lines.includes(line)).map((line) => `+ ${line}`),
    ];
    if (process.env.PIPEWORK_SHOW) console.log(JSON.stringify({ name, theirs, ours, differences }, null, 1));
    expect(differences).toEqual(form.differences ?? []);
    expect(ours.ok).toBe(form.fails !== true);
  });

  async function tryOut(
    form: Form,
    run: (args: string[]) => Promise<{ exitCode: number | null; stderr: string; stdout: string }>,
  ): Promise<Outcome> {
    await startContainer(copy, 'guest');
    let ok = true;
    const said: string[] = [];
    try {
      for (const command of form.commands) {
        const done = await run(command.map((word) => (word === 'GUEST' ? 'guest' : word)));
        ok = done.exitCode === 0;
        said.push(done.stderr.trim());
      }
      if (process.env.PIPEWORK_SHOW) console.log(form.name, said);
      return { ok, lines: await look(form) };
    } finally {
      const links = ['eth1', 'eth2', 'container0'];
      for (const link of links) await copy.bridgeSetup(['detach', '-i', link, 'guest']);
      // The NIC that the original does not give back would end with its container.
      for (const link of links) await inside(copy, 'guest', 'sh', '-c', BACK.replaceAll('LINK', link));
      await docker(copy, 'rm', '-f', 'guest');
      await copy.sandbox.run(['sh', '-c', TIDY], { check: false });
      // The kernel takes the links of a namespace away when it comes to it.
      await eventually('the port of the container is gone', async () => {
        const { stdout } = await copy.sandbox.run(['ip', '-oneline', 'link', 'show', 'master', 'br0']);
        return stdout.trim().split('\n').length === 1;
      });
    }
  }

  async function look(form: Form): Promise<string[]> {
    const links = document(
      await inside(copy, 'guest', 'ip', '-details', '-json', 'address', 'show'),
    ) as Record<string, never>[];
    const lines: string[] = [];
    for (const link of links.filter(({ ifname }) => ifname !== 'lo')) lines.push(...linesOf(link, form));
    for (const family of ['-4', '-6']) {
      const routes = await inside(copy, 'guest', 'ip', family, 'route', 'show', 'table', 'main');
      lines.push(
        ...routes
          .split('\n')
          .map((line) => line.trim().replace(/ +/g, ' '))
          .filter(Boolean)
          .filter((line) => !/^fe80::/.test(line))
          .map((line) => `route ${line}`),
      );
    }
    const rules = await inside(copy, 'guest', 'ip', 'rule');
    lines.push(
      ...rules
        .split('\n')
        .filter((line) => line.includes('172.19'))
        .map((line) => `rule ${line.replace(/\s+/g, ' ').trim()}`),
    );
    const queues = await inside(copy, 'guest', 'tc', 'qdisc', 'show');
    lines.push(
      ...queues
        .split('\n')
        .filter((line) => line.includes('pfifo '))
        .map((line) => `qdisc ${line.replace(/pfifo \S+:/, 'pfifo').trim()}`),
    );
    for (const bridge of ['br0', 'br5', 'br6', 'hostapp1']) {
      const shown = await copy.sandbox.run(
        ['ip', '-oneline', 'link', 'show', ...(bridge === 'hostapp1' ? [bridge] : ['master', bridge])],
        { check: false },
      );
      const ports = shown.stdout.split('\n').filter((line) => line !== '' && !/: eth0/.test(line)).length;
      if (ports > 0)
        lines.push(`host ${bridge === 'hostapp1' ? 'side hostapp1' : `${ports} port(s) of ${bridge}`}`);
    }
    const litter = (await copy.sandbox.run(['ls', '/run/netns'])).stdout.trim();
    if (litter !== 'lan') lines.push('litter in /run/netns');
    return lines;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what ip prints.
  function linesOf(link: any, form: Form): string[] {
    const { ifname, mtu, address, linkinfo, addr_info: addresses, operstate } = link;
    const kind = linkinfo?.info_kind ?? 'nic';
    const mode = linkinfo?.info_data?.mode ? ` ${linkinfo.info_data.mode}` : '';
    return [
      `link ${ifname} ${kind}${mode} mtu ${mtu} ${operstate}${form.mac ? ` ${address}` : ''}`,
      ...addresses
        .filter(({ scope }: { scope: string }) => scope === 'global')
        .map(
          ({ local, prefixlen, broadcast, dynamic }: Record<string, unknown>) =>
            `address ${ifname} ${local}/${prefixlen}${broadcast ? ` brd ${broadcast}` : ''}${dynamic ? ' with a lifetime' : ''}`,
        ),
    ];
  }
});

describe.skipIf(PIPEWORK)('as the original', () => {
  it.skip('left out: PIPEWORK=/path/to/pipework is not set', () => {});
});
