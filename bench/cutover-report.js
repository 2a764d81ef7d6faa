import { columns, spread } from './figures.js';

const CHANGES = ['set-up', 'rollback', 'nothing'];
const HEADING = [
  ...['method', 'case', 'change', 'lost v4', 'lost v6', 'silence v4 ms', 'silence v6 ms'],
  ...['TCP stall ms', 'TCP', 'same v4', 'same v6', 'took ms'],
];

const numbers = (values) => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '-' : spread(known);
};
const share = (values, test) => `${values.filter(test).length}/${values.length}`;
/** `alive 2/2`, or each state with its share. */
const states = (values) =>
  [...new Set(values)].map((state) => `${state} ${share(values, (value) => value === state)}`).join(', ');

/** The turns as one table: a line for each method, case and change. Median, smallest and largest of the runs. */
export function table(turns) {
  const rows = groups(turns).flatMap(({ method, name, done }) =>
    CHANGES.map((change) => {
      const seen = done.map(({ changes }) => changes[change]);
      const lost = (family) => {
        const gone = seen.filter((one) => !one[family].back).length;
        return (
          numbers(seen.map((one) => one[family].lost)) + (gone > 0 ? `, gone ${gone}/${seen.length}` : '')
        );
      };
      return [
        ...[method, name, change],
        ...[lost('v4'), lost('v6')],
        ...['v4', 'v6'].map((family) => numbers(seen.map((one) => one[family].silenceMs))),
        numbers(seen.map(({ tcp }) => tcp.stallMs)),
        states(seen.map(({ tcp }) => tcp.state)),
        ...['v4', 'v6'].map((family) => share(seen, ({ differs }) => !differs.includes(family))),
        numbers(seen.map(({ workMs }) => workMs)),
      ];
    }),
  );
  return columns([HEADING, ...rows]);
}

function groups(turns) {
  const names = [...new Set(turns.map((turn) => `${turn.method}/${turn.case}`))];
  return names.flatMap((title) => {
    const [method, name] = title.split('/');
    const done = turns.filter((turn) => turn.method === method && turn.case === name && turn.changes);
    return done.length === 0 ? [] : [{ method, name, done }];
  });
}

/** What the table does not say: what failed, and what was otherwise than before. */
export function notes(turns) {
  const lines = turns.flatMap((turn) => {
    const title = `${turn.method}/${turn.case}, run ${turn.run}`;
    if (turn.error) return [`${title}: ${turn.error}`];
    return CHANGES.slice(0, 2).flatMap((change) => {
      const { exitCode, said, differs, after } = turn.changes[change];
      return [
        ...(exitCode === 0 ? [] : [`${title}, ${change}: exited ${exitCode}: ${said}`]),
        ...differs.map(
          (what) =>
            `${title}, after ${change}: ${what} was ${turn.before[what].join(' ') || 'none'}, is ${after[what].join(' ') || 'none'}`,
        ),
      ];
    });
  });
  return [
    'lost: pings at 1 ms. gone: no answer at the end, so its numbers only say how long the bench waited.',
    'nothing: the noise of the bench, over as long a time as the set-up took, without a change.',
    // Without a link-local address a host cannot ask, and on many LANs the next one is minutes away.
    'v6 of all cases but static: the LAN advertises itself every few seconds, which flatters who only waits for it.',
    ...lines,
  ].join('\n');
}
