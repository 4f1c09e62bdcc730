/** Results as tables in Markdown. */

import { LENGTHS } from '../plan.mjs';
import { bare, efficiency, makespan, medianOf, metg, nominal, taken } from './figures.mjs';
import { isMet, isOfPython, peersOf, REQUIREMENTS } from './requirements.mjs';
import { median } from '../support/statistics.mjs';

const MIB64 = String(2 ** 26);

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly [string, import('./figures.mjs').Figure][]} columns
 * @property {(samples: Record<string, import('./figures.mjs').Samples>) => string[]} [last] a row below those of the contenders
 */

/** @type {readonly Table[]} */
const TABLES = [
  {
    title: 'Tasks that do nothing, one worker',
    columns: [
      ['20 000 in flight, k/s', (samples) => samples['1/inFlight']?.map((rate) => rate / 1000)],
      ['one at a time, µs', taken('1/oneAtATime')],
      ['one every 50 ms, ms', taken('1/nowAndThen')],
      ['idle CPU, master, %', taken('1/idle/master')],
      ['idle CPU, worker, %', taken('1/idle/worker')],
    ],
  },
  {
    title: 'Tasks of one length, two workers: part of the peak',
    columns: [
      ...LENGTHS.map((length) => [`${length} ms`, efficiency(length)]),
      ['METG(50 %), ms', metg],
    ],
  },
  {
    title: 'The same: part of what the nominal length of the tasks allows',
    columns: LENGTHS.map((length) => [`${length} ms`, nominal(length)]),
    last: (samples) => [
      'no pool: two Node.js processes',
      ...LENGTHS.map((length) => show(ofBareNode(length, samples))),
    ],
  },
  {
    title: 'Tasks of mixed lengths, two workers: times the ideal schedule without a pool',
    columns: [
      ['1 ms, each 50th 100 ms', makespan('each 50th 100 ms')],
      ['0.1 ms, each 100th 50 ms', makespan('each 100th 50 ms')],
      [
        '1000 of 0.1 ms, 10 of 200 ms: wait of the short ones',
        taken('2/schedules/few long ones/wait'),
      ],
    ],
  },
  {
    title: 'Large values',
    columns: [
      ['64 MB there and back, ms', taken(`1/thereAndBack/${MIB64}`)],
      ['small task beside, same worker, ms', taken('1/beside/median')],
      ['longest, ms', taken('1/beside/longest')],
      ['small task beside, another worker, ms', taken('2/beside/median')],
      ['to 4 workers, of 4 transfers', taken('4/toAll')],
    ],
  },
  {
    title: 'Memory, and `map`',
    columns: [
      ['a task that waits, B', taken('1/queued')],
      ['garbage collection, %', taken('1/garbage')],
      [
        '`map`, chunks of 1000, k/s',
        (samples) => samples['1/mapped/rate']?.map((rate) => rate / 1000),
      ],
    ],
  },
  {
    title: 'Whole programs, and messages between ranks',
    columns: [
      ['two workers started and ended, ms', taken('start')],
      ['julia, 2 workers, ms', taken('julia')],
      ['64 MB there and back in C, ms', taken(`exchange/thereAndBack/${MIB64}`)],
      ['a large message, ms', taken('exchange/message')],
      ['its broadcast, ms', taken('exchange/broadcast')],
    ],
  },
];

export function tables({ samples }) {
  return TABLES.map(({ title, columns, last }) => {
    const rows = Object.entries(samples)
      .map(([name, own]) => [name, ...columns.map(([, figure]) => show(medianOf(figure, own)))])
      .concat(last ? [last(samples)] : [])
      .filter(([, ...cells]) => cells.some(Boolean));
    if (rows.length === 0) return '';
    const used = columns.map((_, i) => rows.some((row) => row[i + 1]));
    const kept = (row) => row.filter((_, i) => i === 0 || used[i - 1]);
    const header = ['', ...columns.map(([heading]) => heading)];
    return `### ${title}\n\n${table([header, ...rows].map(kept))}`;
  }).filter(Boolean);
}

/** What processes without a pool reach beside all contenders for Node.js: the median. */
function ofBareNode(length, samples) {
  const values = Object.entries(samples)
    .filter(([name]) => !isOfPython(name))
    .flatMap(([, own]) => bare(length)(own) ?? []);
  return values.length === 0 ? undefined : median(values);
}

export function requirementTable({ samples }) {
  const ours = Object.keys(samples).filter((name) => name.startsWith('mpi-futures'));
  const rows = REQUIREMENTS.map((requirement) => {
    const { work, against, unit = '', value, atLeast, atMost } = requirement;
    const limit = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    const cells = ours.map((name) => {
      const reached = value(samples[name], peersOf(name, samples));
      if (reached === undefined) return '';
      return isMet(requirement, reached) ? show(reached) : `**${show(reached)}**`;
    });
    return [work, `${limit} ${against ? `× ${against}` : unit}`.trim(), ...cells];
  });
  const header = ['work', 'wanted', ...ours.map((name) => name.replace('mpi-futures, ', ''))];
  return `### What is wanted, and what is reached\n\nIn bold what is not reached.\n\n${table([header, ...rows])}`;
}

function show(value) {
  if (value === undefined) return '';
  if (value === Infinity) return 'none';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return value.toPrecision(value >= 10 ? 3 : 2);
}

/** The first row is the header. @param {string[][]} rows */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}
