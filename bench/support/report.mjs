/** What is measured, what is required of it, and both as tables. */

import { summary } from './statistics.mjs';

/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} title
 * @property {string} unit
 * @property {number} required how many times better than mpi4py.futures
 * @property {boolean} [more] whether more is better
 */

/** @type {readonly Metric[]} */
export const METRICS = [
  { name: 'inFlight', title: '20 000 tasks in flight', unit: '/s', required: 40, more: true },
  { name: 'oneAtATime', title: 'one task at a time', unit: 'µs', required: 5 },
  { name: 'thereAndBack', title: '64 MB there and back', unit: 'ms', required: 4 },
  { name: 'julia', title: 'julia, 2 workers', unit: 'ms', required: 4 },
];

/**
 * How many times better ours is, and whether that is enough: the median over pairs of samples that were taken one right
 * after the other. What a neighbour on the same cores does then changes both, and one disturbed pair decides nothing.
 * @param {Metric} metric
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function compare({ more, required }, ours, theirs) {
  const factors = ours.map((mine, i) => (more ? mine / theirs[i] : theirs[i] / mine));
  const factor = summary(factors);
  return { factor, required, ok: factor.median >= required };
}

/**
 * @param {Record<string, Record<string, number[]>>} samples by contender and metric
 * @param {Record<string, ReturnType<typeof compare>>} comparison by metric
 */
export function comparisonTable(samples, comparison, ours, theirs) {
  const rows = METRICS.map((metric) => {
    const { factor, required, ok } = comparison[metric.name];
    const [median, min, max] = [factor.median, factor.min, factor.max].map((x) => x.toFixed(1));
    return [
      metric.title,
      cell(samples[ours][metric.name], metric),
      cell(samples[theirs][metric.name], metric),
      `${median}× (${min}–${max})`,
      `${required}×`,
      ok ? 'ok' : 'not ok',
    ];
  });
  return table([['', ours, theirs, 'better', 'required', ''], ...rows]);
}

export function recordTable(samples, contenders) {
  const rows = METRICS.map((metric) => [
    metric.title,
    ...contenders.map((name) => cell(samples[name][metric.name], metric)),
  ]);
  return table([['', ...contenders], ...rows]);
}

/** `median unit (min–max)` */
function cell(taken, { unit }) {
  const { median, min, max } = summary(taken);
  return `${round(median)} ${unit} (${round(min)}–${round(max)})`;
}

function round(value) {
  return value >= 100
    ? Math.round(value).toLocaleString('en').replaceAll(',', ' ')
    : value.toFixed(1);
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}
