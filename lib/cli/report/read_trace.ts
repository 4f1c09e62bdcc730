/** Reads a trace that this package has written, also one whose program was killed while it wrote. */

import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

import { attempt } from '../../attempt.js';
import { UsageError } from '../../errors.js';
import { states, type Span, type State } from '../../tracing/spans.js';

/** One row of the picture. */
export interface ReportedWorker {
  readonly name: string;
  readonly spans: ReportedSpan[];
}

/** A span of a worker, in milliseconds from the beginning of the trace. */
export interface ReportedSpan extends Omit<Span, 'pool' | 'worker' | 'start'> {
  start: number;
}

/** Characters of a function's name that are shown. */
const longestName = 100;
/** The longest line, in characters, that this package writes; a longer one is another tool's. */
const longestLine = 1 << 27;
/** The longest text in characters: a string cannot be much longer. */
const longestText = 500_000_000;

/** @throws {UsageError} for a file that cannot be read, or is no trace of this package */
export function readTrace(path: string): ReportedWorker[] {
  const workers = new Map<string, ReportedWorker>();
  const keyOf = ({ pid, tid }: Event): string => `${String(pid)}/${String(tid)}`;
  const workerOf = (event: Event): ReportedWorker => {
    const key = keyOf(event);
    let worker = workers.get(key);
    if (worker === undefined)
      workers.set(key, (worker = { name: `worker ${String(event.tid)}`, spans: [] }));
    return worker;
  };
  const names = new Map<unknown, string>();
  const nameOf = (given: unknown): string => {
    let name = names.get(given);
    if (name === undefined) names.set(given, (name = printable(String(given))));
    return name;
  };
  let first = Infinity;
  for (const event of eventsIn(path)) {
    if (event.ph === 'M' && event.name === 'thread_name') {
      const name = nameOf(event.args?.name);
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
      name: nameOf(event.name),
      waited: Number(event.args?.waited ?? 0),
      transfer: Number(event.args?.transfer ?? 0),
      calls: Number(event.args?.calls ?? 1),
      partial: event.args?.partial === true,
    });
  }
  const found = [...workers.values()].filter(({ spans }) => spans.length > 0);
  if (found.length === 0)
    throw new UsageError(
      `${path} has no times of workers: expected a file of MPI_FUTURES_TRACE, mpi-futures --trace or pool.trace().write()`,
    );
  found.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  for (const { spans } of found) {
    for (const span of spans) span.start -= first;
    spans.sort((one, other) => one.start - other.start);
  }
  return found;
}

/** Without characters that would move a terminal's cursor, or turn the text that follows. */
function printable(name: string): string {
  const text = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return text.length > longestName ? `${text.slice(0, longestName)}…` : text;
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

/**
 * The events of a trace. This package writes one on each line, and they are read line by line, because a string cannot be as long as
 * all of them. A trace that another tool has rewritten is parsed as a whole. The file is read once: it may be a pipe.
 */
function* eventsIn(path: string): Generator<Event> {
  let found = false;
  let text = '';
  for (const line of linesIn(path)) {
    const event = line.length > longestLine ? undefined : parse(line.replace(/,$/, ''));
    if (isEvent(event)) {
      found = true;
      yield event;
    } else if (!found) {
      // The head, or the text of another tool.
      if (text.length + line.length <= longestText) text += `${line}\n`;
    } // else where a program was killed while it wrote
  }
  if (!found) yield* allEventsIn(path, text);
}

function isEvent(value: unknown): value is Event {
  return typeof (value as Event | null | undefined)?.ph === 'string';
}

/** @throws {UsageError} for a file that cannot be read, or that does not begin as JSON: it may be as long as a disk */
function* linesIn(path: string): Generator<string> {
  const descriptor = orUnreadable(path, () => openSync(path, 'r'));
  try {
    const bytes = Buffer.allocUnsafe(1 << 20);
    const decoder = new StringDecoder('utf8');
    let isBlank = true;
    let rest = '';
    for (;;) {
      const length = orUnreadable(path, () => readSync(descriptor, bytes));
      if (length === 0) break;
      const piece = decoder.write(bytes.subarray(0, length));
      const [begin] = isBlank ? (/\S/.exec(piece) ?? []) : [];
      if (begin !== undefined) {
        isBlank = false;
        if (!'[{'.includes(begin)) throw noTrace(path, piece);
      }
      const [end = '', ...lines] = piece.split('\n');
      if (rest.length + end.length > longestText) break;
      rest += end;
      const last = lines.pop();
      if (last === undefined) continue;
      yield rest;
      yield* lines;
      rest = last;
    }
    yield rest;
  } finally {
    closeSync(descriptor);
  }
}

function orUnreadable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(`The trace ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function allEventsIn(path: string, text: string): readonly Event[] {
  const parsed = parse(text);
  if (parsed === undefined && /\S/.test(text))
    throw noTrace(path, text, ', which is cut off or damaged');
  const list = Array.isArray(parsed)
    ? (parsed as unknown[])
    : (parsed as { traceEvents?: unknown } | undefined)?.traceEvents;
  if (!Array.isArray(list)) throw noTrace(path, text);
  return list.filter((event): event is Event => typeof event === 'object' && event !== null);
}

function parse(text: string): unknown {
  return attempt(() => JSON.parse(text) as unknown);
}

function noTrace(path: string, text: string, more = ''): UsageError {
  return new UsageError(
    `${path} is no trace: expected JSON of Chrome's trace viewer but received ${excerptOf(text)}${more}`,
  );
}

function excerptOf(text: string): string {
  const start = text.slice(0, 1000).trim();
  if (start === '') return 'an empty file';
  return `'${start.slice(0, 30).replace(/[^\x21-\x7e]+/g, ' ')}${start.length > 30 ? '…' : ''}'`;
}
