/** Reads a trace that this package has written, also one whose program was killed while it wrote. */

import { readFileSync } from 'node:fs';

import { UsageError } from '../../errors.js';
import { states, type State } from '../../tracing/spans.js';

/** One row of the picture. */
export interface ReportedWorker {
  readonly name: string;
  readonly spans: ReportedSpan[];
}

/** A span of a worker, in milliseconds from the beginning of the trace. */
export interface ReportedSpan {
  readonly state: State;
  readonly start: number;
  readonly duration: number;
  /** The name of the function, for `run`. */
  readonly name: string;
  readonly waited: number;
  readonly transfer: number;
}

/** @throws {UsageError} for a file that cannot be read, or is no trace of this package */
export function readTrace(path: string): ReportedWorker[] {
  const events = eventsIn(path, textOf(path));
  const workers = new Map<string, ReportedWorker>();
  const keyOf = ({ pid, tid }: Event): string => `${String(pid)}/${String(tid)}`;
  const workerOf = (event: Event): ReportedWorker => {
    const key = keyOf(event);
    let worker = workers.get(key);
    if (worker === undefined)
      workers.set(key, (worker = { name: `worker ${String(event.tid)}`, spans: [] }));
    return worker;
  };
  let first = Infinity;
  for (const event of events) {
    if (event.ph === 'M' && event.name === 'thread_name') {
      const name = String(event.args?.name);
      const known = workerOf(event);
      workers.set(keyOf(event), { ...known, name });
    }
    if (!isSpan(event)) continue;
    const start = event.ts / 1000;
    first = Math.min(first, start);
    workerOf(event).spans.push({
      state: event.cat,
      start,
      duration: event.dur / 1000,
      name: String(event.name),
      waited: Number(event.args?.waited ?? 0),
      transfer: Number(event.args?.transfer ?? 0),
    });
  }
  const found = [...workers.values()].filter(({ spans }) => spans.length > 0);
  if (found.length === 0)
    throw new UsageError(
      `${path} has no times of workers: expected a file of MPI_FUTURES_TRACE, mpi-futures --trace or pool.trace().write()`,
    );
  found.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  return found.map(({ name, spans }) => ({
    name,
    spans: spans
      .map((span) => ({ ...span, start: span.start - first }))
      .sort((one, other) => one.start - other.start),
  }));
}

interface Event {
  readonly name?: unknown;
  readonly ph?: unknown;
  readonly cat?: unknown;
  readonly pid?: unknown;
  readonly tid?: unknown;
  readonly ts?: unknown;
  readonly dur?: unknown;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
}

function isSpan(event: Event): event is Event & { cat: State; ts: number; dur: number } {
  const { ph, cat, ts, dur } = event;
  return (
    ph === 'X' &&
    (states as readonly unknown[]).includes(cat) &&
    Number.isFinite(ts) &&
    Number.isFinite(dur) &&
    (dur as number) >= 0
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`The trace ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function eventsIn(path: string, text: string): readonly Event[] {
  const parsed = parse(text) ?? parse(withoutTornEnd(text));
  const list = Array.isArray(parsed)
    ? (parsed as unknown[])
    : (parsed as { traceEvents?: unknown } | undefined)?.traceEvents;
  if (!Array.isArray(list))
    throw new UsageError(
      `${path} is no trace: expected JSON of Chrome's trace viewer but received ${excerptOf(text)}`,
    );
  return list.filter((event): event is Event => typeof event === 'object' && event !== null);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The events before the end of a file that was cut off: there is one on each line, with a comma. */
function withoutTornEnd(text: string): string {
  const end = text.lastIndexOf('},\n');
  return end < 0 ? text : `${text.slice(0, end + 1)}]`;
}

function excerptOf(text: string): string {
  if (text.trim() === '') return 'an empty file';
  const start = text
    .trimStart()
    .slice(0, 30)
    .replace(/[^\x20-\x7e]+/g, ' ');
  return `'${start}${text.length > 30 ? '…' : ''}'`;
}
