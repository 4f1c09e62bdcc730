/**
 * The file of MPI_FUTURES_TRACE, to which all pools of the program write while it runs, so that there is a trace even if the program
 * is killed. If the file cannot be written, a warning says so, and the program goes on without it.
 */

import { closeSync, writeSync } from 'node:fs';

import { eventsOf, linesOf } from './chrome_trace.js';
import type { PoolTracer } from './pool_tracer.js';
import { warnAtOnce } from '../warn_at_once.js';
import { SpanTable, type Row, type Span, type SpanSink } from './spans.js';
import { lastEvent, openTrace } from './trace_name.js';

/** The name of the variable. */
export const traceVariable = 'MPI_FUTURES_TRACE';

const mostSpans = 4096;
/** Milliseconds after which all that there is is written. */
const longestHold = 1000;

/** Writes spans to a file, in large pieces. */
class TraceFile implements SpanSink {
  readonly #path: string;
  readonly #table = new SpanTable();
  readonly #tracers = new Set<PoolTracer>();
  #descriptor: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(path: string) {
    this.#path = path;
    this.#try(() => {
      this.#descriptor = openTrace(path);
    });
    // Prepended, because the listener that ends MPI may end the process.
    process.prependOnceListener('exit', () => {
      this.#end();
    });
  }

  row(row: Row): void {
    this.#table.row(row);
    this.#plan();
  }

  span(span: Span): void {
    this.#table.span(span);
    if (this.#table.length < mostSpans) this.#plan();
    else this.#write();
  }

  /** Takes what the tracer of a pool sees. */
  take(tracer: PoolTracer): void {
    if (this.#descriptor === undefined) return;
    this.#tracers.add(tracer);
    tracer.add(this);
  }

  /** A pool has ended. */
  drop(tracer: PoolTracer): void {
    tracer.remove(this);
    this.#tracers.delete(tracer);
    this.#write();
  }

  /** Also a program that does nothing more has its times in the file. */
  #plan(): void {
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, longestHold).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const lines of linesOf(eventsOf(this.#table))) this.#append(lines);
    this.#table.clear();
  }

  #append(text: string): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#try(() => {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    });
  }

  #end(): void {
    this.#isEnding = true;
    for (const tracer of this.#tracers)
      for (const span of tracer.present(this)) this.#table.span(span);
    this.#write();
    this.#append(lastEvent);
    this.#try(() => {
      this.#close();
    });
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  #giveUp({ message }: Error): void {
    try {
      this.#close();
    } catch {
      // It was not written anyway.
    }
    for (const tracer of this.#tracers) tracer.remove(this);
    this.#tracers.clear();
    const what = `The trace cannot be written to ${this.#path} (${traceVariable}): ${message}. The program goes on without it`;
    const options = { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_TRACE_NOT_WRITTEN' };
    if (this.#isEnding) warnAtOnce(what, options);
    else process.emitWarning(what, options);
  }
}

let file: TraceFile | undefined;

/** Writes what the workers of a pool do to the file of MPI_FUTURES_TRACE, if the program is to have one. */
export function traceToFile(tracer: PoolTracer): void {
  const path = process.env[traceVariable];
  if (!path) return;
  file ??= new TraceFile(path);
  file.take(tracer);
}

/** Notes that the pool of a tracer has ended. */
export function endTrace(tracer: PoolTracer): void {
  file?.drop(tracer);
}
