/** Traces as JSON in the form of Chrome's trace viewer, which Perfetto (ui.perfetto.dev) and chrome://tracing open. */

import type { Row, Span, SpanTable } from './spans.js';

const pieceLength = 1 << 16;

/** One event, in microseconds: a span (`X`), or the name of a row (`M`). */
export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The events that name a row. */
function rowEvents({ pool, worker, rank, host, pid }: Row): TraceEvent[] {
  const place = { pid: pool, tid: worker + 1 };
  return [
    { name: 'process_name', ph: 'M', pid: pool, tid: 0, args: { name: `pool ${pool}` } },
    {
      name: 'thread_name',
      ph: 'M',
      ...place,
      args: { name: `worker ${rank} (process ${pid} on ${host})` },
    },
    { name: 'thread_sort_index', ph: 'M', ...place, args: { sort_index: rank } },
  ];
}

/** The event of a span. */
export function spanEvent({
  pool,
  worker,
  state,
  start,
  duration,
  name,
  waited,
  transfer,
  calls,
  partial,
}: Span): TraceEvent {
  return {
    name: state === 'run' ? name : state,
    ph: 'X',
    pid: pool,
    tid: worker + 1,
    cat: state,
    // A span ends where the next one begins, to the last digit: viewers drop spans that overlap without one being inside the other.
    ts: tenths(start) / 10,
    dur: (tenths(start + duration) - tenths(start)) / 10,
    ...(state === 'run' && {
      args: {
        waited: tenths(waited) / 1e4,
        transfer: tenths(transfer) / 1e4,
        ...(calls > 1 && { calls }),
        ...(partial && { partial }),
      },
    }),
  };
}

/** All events of a table, those of its rows first. */
export function* eventsOf(table: SpanTable): Generator<TraceEvent> {
  for (const row of table.rows) yield* rowEvents(row);
  for (const span of table.spans()) yield spanEvent(span);
}

/**
 * A line for each event, followed by a comma, in pieces: a string of all lines would be longer than a string may be for some
 * two million tasks.
 */
export function* linesOf(events: Iterable<TraceEvent>): Generator<string> {
  let text = '';
  for (const event of events) {
    text += `${JSON.stringify(event)},\n`;
    if (text.length < pieceLength) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Milliseconds as tenths of a microsecond, which is more than is known. */
function tenths(milliseconds: number): number {
  return Math.round(1e4 * milliseconds);
}
