/**
 * Divides the time of each worker of a pool into spans without gaps: while it has no task, the time until its next task was
 * submitted is `idle`, then until that was sent `waiting`, then until its function was called `transfer`; then it runs.
 * The collector of garbage works inside of these.
 *
 * The time when the function was called is known when the answer comes. Until then a worker that has a task is never idle: if the
 * record, or the worker itself, ends before the answer, its last span is that task, marked as partial.
 */

import { ClockOffset } from './clock_offset.js';
import type { Row, Span, SpanSink, State } from './spans.js';

/** A worker that is traced, as its pool sees it. */
export interface TracedWorker {
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
  /** The tasks that it has not answered, in the order in which they were sent. */
  tasks(): readonly TracedTask[];
  /** Asks the worker for its times, or to stop giving them. */
  trace(on: boolean): void;
  /** Asks for the time of the worker's clock. */
  askForTime(sent: number): void;
}

/** A task, as far as it is traced. */
export interface TracedTask {
  /** The id that calls of one function share. */
  readonly kind: number;
  /** The number of calls of the function. */
  readonly calls: number;
  /** Holds the function, for its name. */
  readonly keeps: object;
}

/** Milliseconds from the start, and duration, of a collection of garbage. */
export type Collection = readonly [start: number, duration: number];

/** The number of round trips at the beginning; later there is one in a second. */
const firstTrips = 5;
const tripEvery = 1000;

/** The number of spans that are remembered for collections that are reported later. */
const remembered = 64;

let pools = 0;

/** Traces the workers of one pool, while anybody wants to know. */
export class PoolTracer {
  readonly #pool = ++pools;
  /** The sinks, each with the time from which on it gets spans. */
  readonly #sinks = new Map<SpanSink, number>();
  readonly #workers: (Worker | undefined)[] = [];
  /** The times of tasks that were sent. Weak, as the tracer is not told of tasks that are lost, called back, cancelled or dropped. */
  #times = new WeakMap<TracedTask, Times>();
  readonly #names = new Map<number, string>();

  /** True while times are wanted. A field, as it is read for each task. */
  isOn = false;

  /** Writes spans to `sink` from now on. */
  add(sink: SpanSink): void {
    const wasOn = this.isOn;
    this.isOn = true;
    this.#sinks.set(sink, performance.now());
    for (const worker of this.#workers) if (worker !== undefined) sink.row(worker.row);
    if (!wasOn) for (const worker of this.#workers) worker?.begin();
  }

  /** Writes all until now to `sink`, and no more. */
  remove(sink: SpanSink): void {
    for (const span of this.present(sink)) sink.span(span);
    if (!this.#sinks.delete(sink) || this.#sinks.size > 0) return;
    this.isOn = false;
    this.#times = new WeakMap();
    for (const worker of this.#workers) worker?.stop();
  }

  /**
   * Writes the time of free workers until now. Returns the tasks that the others run, until now: a record that ends now has these
   * parts, and one that goes on gets each task as a whole when it has ended.
   */
  present(sink: SpanSink): Span[] {
    const since = this.#sinks.get(sink);
    if (since === undefined) return [];
    const now = performance.now();
    const spans = this.#workers.map((worker) => worker && this.#upTo(now, worker));
    return spans
      .filter((span) => span !== undefined)
      .flatMap((span) => partFrom(since, span) ?? []);
  }

  /** Writes all until now: the workers are about to end. */
  ended(): void {
    for (const number of this.#workers.keys()) this.lost(number);
    this.#workers.length = 0;
  }

  /** A worker has joined the pool, perhaps in the place of another one. */
  joined(number: number, traced: TracedWorker): void {
    const { rank, host, pid } = traced;
    const row = { pool: this.#pool, worker: number, rank, host, pid };
    const worker = new Worker(row, traced, this.#write);
    this.#workers[number] = worker;
    if (!this.isOn) return;
    for (const sink of this.#sinks.keys()) sink.row(row);
    worker.begin();
  }

  /** The tasks of a worker run in another process from now on. It has a clock of its own, and was told nothing yet. */
  moved(number: number): void {
    const worker = this.#workers[number];
    if (worker === undefined || !this.isOn) return;
    this.#upTo(performance.now(), worker);
    worker.beginAgain();
  }

  /** The process in which the tasks of a worker run is known. */
  named(number: number, pid: number): void {
    const worker = this.#workers[number];
    if (worker === undefined) return; // it joins later, with this process
    worker.row = { ...worker.row, pid };
    for (const sink of this.#sinks.keys()) sink.row(worker.row);
  }

  /** A worker is gone. */
  lost(number: number): void {
    const worker = this.#workers[number];
    if (worker === undefined) return;
    const span = this.#upTo(performance.now(), worker);
    if (span !== undefined) this.#write(span);
    this.#workers[number] = undefined;
  }

  /** A task leaves for a worker; it waits since `submitted`. */
  sent(task: TracedTask, submitted: number, sent: number): void {
    this.#times.set(task, { submitted, sent });
  }

  /** A worker has answered a task, that has begun at `start` by the clock of the worker: 0 if the worker did not say. */
  answered(number: number, task: TracedTask, start: number, runTime: number, now: number): void {
    if (!this.isOn) return;
    this.#workers[number]?.ran(this.#callOf(task), start, runTime, now);
    this.#times.delete(task);
  }

  /** A worker has said what its clock shows. */
  time(number: number, sent: number, read: number): void {
    this.#workers[number]?.told(sent, read);
  }

  /** A worker has said when memory was collected there. */
  collected(number: number, collections: readonly Collection[]): void {
    if (this.isOn) this.#workers[number]?.collected(collections);
  }

  readonly #write = (span: Span): void => {
    for (const [sink, since] of this.#sinks) {
      const part = partFrom(since, span);
      if (part !== undefined) sink.span(part);
    }
  };

  #upTo(now: number, worker: Worker): Span | undefined {
    const [task] = worker.traced.tasks();
    return worker.upTo(now, task && this.#callOf(task));
  }

  #callOf(task: TracedTask): Call {
    return { name: this.#nameOf(task), calls: task.calls, times: this.#times.get(task) };
  }

  #nameOf({ kind, keeps }: TracedTask): string {
    let name = this.#names.get(kind);
    if (name === undefined) this.#names.set(kind, (name = nameOfCallee(keeps)));
    return name;
  }
}

interface Times {
  readonly submitted: number;
  readonly sent: number;
}

/** A task that a worker has, as far as it is known. */
interface Call {
  readonly name: string;
  readonly calls: number;
  /** Undefined if it was sent before times were wanted. */
  readonly times: Times | undefined;
}

/** The rest of a span, besides its state and its time. */
type Details = Pick<Span, 'name' | 'waited' | 'transfer' | 'calls' | 'partial'>;

const noDetails: Details = { name: '', waited: 0, transfer: 0, calls: 0, partial: false };

/** The part of a span from a time on; undefined if there is none. */
function partFrom(since: number, span: Span): Span | undefined {
  if (span.start >= since) return span;
  const duration = span.start + span.duration - since;
  if (duration <= 0) return undefined;
  return { ...span, start: since, duration, partial: span.state === 'run' };
}

class Worker {
  row: Row;
  readonly traced: TracedWorker;
  readonly #write: (span: Span) => void;
  #clock = new ClockOffset();
  /** The end of the latest span. */
  #end = performance.now();
  #trips = 0;
  #askedAt = 0;
  /** The time since which this process is the worker: answers to earlier questions are of another process in its place. */
  #begunAt = 0;
  /** The latest spans, and the collections that may be in later ones. */
  readonly #latest: (readonly [start: number, end: number])[] = [];
  #collections: Collection[] = [];
  /** The end of the latest collection that was written. */
  #collectedUntil = 0;

  constructor(row: Row, traced: TracedWorker, write: (span: Span) => void) {
    this.row = row;
    this.traced = traced;
    this.#write = write;
  }

  begin(): void {
    // A task that was timed by the worker's clock may have ended a little later than now.
    this.#end = Math.max(this.#end, performance.now());
    this.#trips = 0;
    this.traced.trace(true);
    this.#ask();
  }

  beginAgain(): void {
    this.#clock = new ClockOffset();
    this.#begunAt = performance.now();
    this.begin();
  }

  stop(): void {
    this.traced.trace(false);
    this.#latest.length = 0;
    this.#collections = [];
  }

  told(sent: number, read: number): void {
    if (sent < this.#begunAt) return;
    this.#clock.measured(sent, read, performance.now());
    if (++this.#trips < firstTrips) this.#ask();
  }

  ran({ name, calls, times }: Call, start: number, runTime: number, now: number): void {
    if (now - this.#askedAt > tripEvery) this.#ask();
    if (times === undefined) {
      // The worker had it, or one before it, when times were first wanted.
      if (now > this.#end) this.#until(now, 'run', { ...noDetails, name, calls, partial: true });
      this.#placeCollections();
      return;
    }
    const { submitted, sent } = times;
    // It has not begun before it was sent, nor ended after its answer came.
    const latest = now - runTime;
    const begun = start > 0 && this.#clock.isKnown ? this.#clock.toMaster(start) : latest;
    const from = Math.max(Math.min(begun, latest), sent, this.#end);
    this.#freeUntil(submitted, sent, from);
    this.#until(from, 'transfer');
    const [waited, transfer] = [sent - submitted, from - sent];
    this.#until(from + runTime, 'run', { name, calls, waited, transfer, partial: false });
    this.#placeCollections();
  }

  /** Writes what is known until now, and returns the part of a task that the worker has. */
  upTo(now: number, call: Call | undefined): Span | undefined {
    if (call === undefined) this.#until(now, 'idle');
    else if (call.times !== undefined) this.#freeUntil(call.times.submitted, call.times.sent, now);
    this.#placeCollections();
    if (call === undefined || now <= this.#end) return undefined;
    const { name, calls, times } = call;
    const waited = times === undefined ? 0 : times.sent - times.submitted;
    const details = { name, calls, waited, transfer: 0, partial: true };
    return this.#spanOf('run', this.#end, now - this.#end, details);
  }

  /** Writes the time until the next task was sent, or until `end`. */
  #freeUntil(submitted: number, sent: number, end: number): void {
    this.#until(Math.min(submitted, end), 'idle');
    this.#until(Math.min(sent, end), 'waiting');
  }

  collected(collections: readonly Collection[]): void {
    if (!this.#clock.isKnown) return; // so it is not known either when they were
    for (const [start, duration] of collections)
      this.#collections.push([this.#clock.toMaster(start), duration]);
    this.#placeCollections();
  }

  #until(end: number, state: State, details = noDetails): void {
    const start = this.#end;
    if (end <= start && state !== 'run') return;
    this.#end = end;
    this.#latest.push([start, end]);
    if (this.#latest.length > 2 * remembered) this.#latest.splice(0, remembered);
    this.#write(this.#spanOf(state, start, end - start, details));
  }

  /** Writes the collections that are in spans that were written: where one ends the collection does. */
  #placeCollections(): void {
    // They come in order, and a long task may have thousands of them before it is answered: only those that are due are looked at.
    const later = this.#collections.findIndex(([start]) => start >= this.#end);
    if (later === 0) return;
    const due = this.#collections.splice(0, later < 0 ? Infinity : later);
    for (const [start, duration] of due) {
      const span = this.#latest.findLast(([from, to]) => from <= start && start < to);
      if (span === undefined) continue;
      // The offset of the clock may have been corrected meanwhile, by less than it is known to.
      const from = Math.max(start, this.#collectedUntil);
      const end = Math.min(start + duration, span[1]);
      if (end <= from) continue;
      this.#collectedUntil = end;
      this.#write(this.#spanOf('collector', from, end - from, noDetails));
    }
  }

  #spanOf(state: State, start: number, duration: number, details: Details): Span {
    const { pool, worker } = this.row;
    return { pool, worker, state, start, duration, ...details };
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.traced.askForTime(this.#askedAt);
  }
}

/** The name of the function that a task calls: the task keeps it, by itself or with other functions, or frozen by a map. */
function nameOfCallee(keeps: object): string {
  const callee: unknown = Array.isArray(keeps) ? keeps[0] : keeps;
  try {
    const fn = typeof callee === 'function' ? callee : (callee as { fn?: unknown }).fn;
    const name: unknown = typeof fn === 'function' ? fn.name : '';
    return typeof name === 'string' && name !== '' ? name : '(anonymous)';
  } catch {
    return '(anonymous)'; // a proxy
  }
}
