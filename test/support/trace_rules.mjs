/** The rules of the "Trace Event Format", which chrome://tracing and Perfetto read, as far as this package uses it. */

/**
 * @typedef {object} Event
 * @property {string} name
 * @property {string} ph
 * @property {number} pid
 * @property {number} tid
 * @property {string} [cat]
 * @property {number} [ts]
 * @property {number} [dur]
 * @property {Record<string, unknown>} [args]
 */

/** @param {readonly Event[]} events @returns {string[]} a line for each event that a reader would drop or show wrongly */
export function faultsOf(events) {
  const wrong = events.filter((event) => !isEvent(event));
  if (wrong.length > 0) return wrong.map((event) => `no event: ${JSON.stringify(event)}`);
  return [...unnamed(events), ...crossing(events)];
}

/** @param {Event} event */
function isEvent({ name, ph, pid, tid, cat, ts, dur, args = {} }) {
  const isPlaced = [pid, tid].every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32);
  if (!isText(name) || !isPlaced || args?.constructor !== Object) return false;
  if (ph === 'X') return isText(cat) && isTime(ts) && isTime(dur);
  if (ph !== 'M') return false;
  if (name === 'process_name' || name === 'thread_name') return isText(args.name);
  return name !== 'thread_sort_index' || Number.isInteger(args.sort_index);
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === 'string' && value !== '';
}

/** @param {unknown} value - microseconds */
function isTime(value) {
  return Number.isFinite(value) && Number(value) >= 0;
}

/** Each row has a name, and each process has one. @param {readonly Event[]} events */
function unnamed(events) {
  const names = new Set(
    events.filter(({ ph }) => ph === 'M').map(({ name, pid, tid }) => `${name} ${pid} ${tid}`),
  );
  const rows = new Set(
    events.filter(({ ph }) => ph === 'X').flatMap(({ pid, tid }) => [`process_name ${pid} 0`, `thread_name ${pid} ${tid}`]), // prettier-ignore
  );
  return [...rows].filter((row) => !names.has(row)).map((row) => `there is no ${row}`);
}

/**
 * Spans of one row are inside of each other, or one ends before the other begins: Perfetto drops one that crosses another's
 * end, to the nanosecond.
 *
 * @param {readonly Event[]} events
 */
function crossing(events) {
  const nanoseconds = (/** @type {number | undefined} */ time) => Math.round(1000 * (time ?? 0));
  const spans = events
    .filter(({ ph }) => ph === 'X')
    .map((event) => {
      const start = nanoseconds(event.ts);
      return { event, start, end: start + nanoseconds(event.dur), row: `${event.pid}/${event.tid}` }; // prettier-ignore
    })
    .sort((one, other) => one.start - other.start);
  /** @type {Map<string, typeof spans>} */
  const open = new Map();
  return spans.flatMap((span) => {
    const around = (open.get(span.row) ?? []).filter(({ end }) => end > span.start);
    const crossed = around.find(({ end }) => end < span.end);
    open.set(span.row, [...around, span]);
    return crossed === undefined ? [] : [`${JSON.stringify(span.event)} crosses the end of ${JSON.stringify(crossed.event)}`]; // prettier-ignore
  });
}
