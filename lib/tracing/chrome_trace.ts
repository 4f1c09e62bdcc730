/** Traces as JSON in the form of Chrome's trace viewer, which Perfetto (ui.perfetto.dev) and chrome://tracing open. */

import type { Row, Span, SpanTable } from './spans.js';

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
export function rowEvents({ pool, worker, rank, host, pid }: Row): TraceEvent[] {
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
}: Span): TraceEvent {
  return {
    name: state === 'run' ? name : state,
    ph: 'X',
    pid: pool,
    tid: worker + 1,
    cat: state,
    ts: microseconds(start),
    dur: microseconds(duration),
    ...(state === 'run' && {
      args: { waited: microseconds(waited) / 1000, transfer: microseconds(transfer) / 1000 },
    }),
  };
}

/** A text of all rows and spans: a line for each event, each followed by a comma. */
export function eventLines(table: SpanTable): string {
  let text = '';
  for (const row of table.rows)
    for (const event of rowEvents(row)) text += `${JSON.stringify(event)},\n`;
  for (const span of table.spans()) text += `${JSON.stringify(spanEvent(span))},\n`;
  return text;
}

/** To a tenth of a microsecond, which is more than is known. */
function microseconds(milliseconds: number): number {
  return Math.round(1e4 * milliseconds) / 10;
}
