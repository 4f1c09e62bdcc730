/** What is measured, what is required of it, and both as tables. */

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

/** How many times better ours is, and whether that is enough. */
export function compare({ more, required }, ours, theirs) {
  const factor = more ? ours.median / theirs.median : theirs.median / ours.median;
  return { factor, required, ok: factor >= required };
}

/** @param {Record<string, Record<string, { median: number, min: number, max: number }>>} results by contender and metric */
export function comparisonTable(results, ours, theirs) {
  const rows = METRICS.map((metric) => {
    const [a, b] = [results[ours][metric.name], results[theirs][metric.name]];
    const { factor, required, ok } = compare(metric, a, b);
    const times = `${factor.toFixed(1)}×`;
    return [
      metric.title,
      cell(a, metric),
      cell(b, metric),
      times,
      `${required}×`,
      ok ? 'ok' : 'not ok',
    ];
  });
  return table([['', ours, theirs, 'better', 'required', ''], ...rows]);
}

export function recordTable(results, contenders) {
  const rows = METRICS.map((metric) => [
    metric.title,
    ...contenders.map((name) => cell(results[name][metric.name], metric)),
  ]);
  return table([['', ...contenders], ...rows]);
}

/** `median unit (min–max)` */
function cell({ median, min, max }, { unit }) {
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
