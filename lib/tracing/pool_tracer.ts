/**
 * Divides the time of each worker of a pool into spans without gaps: while it has no task, the time until its next task was
 * submitted is `idle`, then until that was sent `waiting`, then until its function was called `transfer`; then it runs.
 * The collector of garbage works inside of these.
 */

import { ClockOffset } from './clock_offset.js';
import type { Row, Span, SpanSink, State } from './spans.js';

/** A worker that is traced, as its pool sees it. */
export interface TracedWorker {
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
  /** Asks the worker for its times, or to stop giving them. */
  trace(on: boolean): void;
  /** Asks for the time of the worker's clock. */
  askForTime(sent: number): void;
}

/** A task, as far as it is traced. */
export interface TracedTask {
  /** The id that calls of one function share. */
  readonly kind: number;
  /** Holds the function, for its name. */
  readonly keeps: object;
}

/** Milliseconds from the start, and duration, of a collection of garbage. */
export type Collection = readonly [start: number, duration: number];

/** Round trips at the beginning; later one in a second. */
const firstTrips = 5;
const tripEvery = 1000;

/** The spans that are remembered for collections that are reported later. */
const remembered = 64;

let pools = 0;

/** Traces the workers of one pool, while anybody wants to know. */
export class PoolTracer {
  readonly #pool = ++pools;
  readonly #sinks = new Set<SpanSink>();
  readonly #workers: (Worker | undefined)[] = [];
  readonly #submitted = new Map<TracedTask, Times>();
  readonly #names = new Map<number, string>();

  /** True while times are wanted. */
  get isOn(): boolean {
    return this.#sinks.size > 0;
  }

  /** Writes spans to `sink` from now on. */
  add(sink: SpanSink): void {
    const wasOn = this.isOn;
    this.#sinks.add(sink);
    for (const worker of this.#workers) if (worker !== undefined) sink.row(worker.row);
    if (!wasOn) for (const worker of this.#workers) worker?.begin();
  }

  /** Writes all until now to `sink`, and no more. */
  remove(sink: SpanSink): void {
    if (!this.#sinks.has(sink)) return;
    this.upToNow();
    this.#sinks.delete(sink);
    if (this.isOn) return;
    this.#submitted.clear();
    for (const worker of this.#workers) worker?.stop();
  }

  /** Writes the time of idle workers until now. */
  upToNow(): void {
    const now = performance.now();
    for (const worker of this.#workers) worker?.isFreeUntil(now);
  }

  /** Writes all until now: the workers are about to end. */
  ended(): void {
    this.upToNow();
    this.#workers.length = 0;
    this.#submitted.clear();
  }

  /** A worker has joined the pool, perhaps in the place of another one. */
  joined(number: number, traced: TracedWorker): void {
    const { rank, host, pid } = traced;
    const row = { pool: this.#pool, worker: number, rank, host, pid };
    const worker = new Worker(row, traced, this.#write);
    this.#workers[number] = worker;
    if (!this.isOn) return;
    for (const sink of this.#sinks) sink.row(row);
    worker.begin();
  }

  /** A worker is gone. */
  lost(number: number): void {
    this.#workers[number]?.isFreeUntil(performance.now());
    this.#workers[number] = undefined;
  }

  /** A task leaves for a worker; it waits since `submitted`. */
  sent(task: TracedTask, submitted: number, sent: number): void {
    this.#submitted.set(task, { submitted, sent });
  }

  /** A worker has answered a task, that has begun at `start` by the clock of the worker: 0 if the worker did not say. */
  answered(number: number, task: TracedTask, start: number, runTime: number, now: number): void {
    const times = this.#submitted.get(task);
    this.#submitted.delete(task);
    if (times === undefined || start === 0) return;
    this.#workers[number]?.ran(times, start, runTime, now, this.#nameOf(task));
  }

  /** A worker has said what its clock shows. */
  time(number: number, sent: number, read: number): void {
    this.#workers[number]?.told(sent, read);
  }

  /** A worker has said when memory was collected there. */
  collected(number: number, collections: readonly Collection[]): void {
    this.#workers[number]?.collected(collections);
  }

  readonly #write = (span: Span): void => {
    for (const sink of this.#sinks) sink.span(span);
  };

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

class Worker {
  readonly row: Row;
  readonly #traced: TracedWorker;
  readonly #write: (span: Span) => void;
  readonly #clock = new ClockOffset();
  /** The end of the latest span. */
  #end = performance.now();
  #trips = 0;
  #askedAt = 0;
  /** The latest spans, and the collections that may be in later ones. */
  readonly #latest: (readonly [start: number, end: number])[] = [];
  #collections: Collection[] = [];

  constructor(row: Row, traced: TracedWorker, write: (span: Span) => void) {
    this.row = row;
    this.#traced = traced;
    this.#write = write;
  }

  begin(): void {
    this.#end = performance.now();
    this.#trips = 0;
    this.#traced.trace(true);
    this.#ask();
  }

  stop(): void {
    this.#traced.trace(false);
    this.#latest.length = 0;
    this.#collections = [];
  }

  told(sent: number, read: number): void {
    this.#clock.measured(sent, read, performance.now());
    if (++this.#trips < firstTrips) this.#ask();
  }

  ran({ submitted, sent }: Times, start: number, runTime: number, now: number, name: string): void {
    if (now - this.#askedAt > tripEvery) this.#ask();
    // It has not begun before it was sent, nor ended after its answer came.
    const latest = now - runTime;
    const begun = this.#clock.isKnown ? this.#clock.toMaster(start) : latest;
    const from = Math.max(Math.min(begun, latest), sent, this.#end);
    this.#until(Math.min(submitted, from), 'idle');
    this.#until(Math.min(sent, from), 'waiting');
    this.#until(from, 'transfer');
    this.#until(from + runTime, 'run', name, sent - submitted, from - sent);
    this.#placeCollections();
  }

  isFreeUntil(now: number): void {
    this.#until(now, 'idle');
    this.#placeCollections();
  }

  collected(collections: readonly Collection[]): void {
    for (const [start, duration] of collections)
      this.#collections.push([this.#clock.toMaster(start), duration]);
    this.#placeCollections();
  }

  #until(end: number, state: State, name = '', waited = 0, transfer = 0): void {
    const start = this.#end;
    if (end <= start && state !== 'run') return;
    this.#end = end;
    this.#latest.push([start, end]);
    if (this.#latest.length > 2 * remembered) this.#latest.splice(0, remembered);
    this.#span(state, start, end - start, name, waited, transfer);
  }

  /** Writes the collections that are in spans that were written: where one ends the collection does. */
  #placeCollections(): void {
    if (this.#collections.length === 0) return;
    const later: Collection[] = [];
    for (const collection of this.#collections) {
      const [start, duration] = collection;
      const span = this.#latest.findLast(([from, to]) => from <= start && start < to);
      if (span !== undefined) this.#span('collector', start, Math.min(duration, span[1] - start));
      else if (start >= this.#end) later.push(collection);
    }
    this.#collections = later;
  }

  #span(state: State, start: number, duration: number, name = '', waited = 0, transfer = 0): void {
    const { pool, worker } = this.row;
    this.#write({ pool, worker, state, start, duration, name, waited, transfer });
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#traced.askForTime(this.#askedAt);
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
