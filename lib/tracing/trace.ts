import { writeFile } from 'node:fs/promises';

import { rowEvents, spanEvent, type TraceEvent } from './chrome_trace.js';
import { SpanTable } from './spans.js';
import type { PoolTracer } from './pool_tracer.js';

/** The content of a trace file: the format of Chrome's trace viewer. */
export interface TraceDocument {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly TraceEvent[];
}

/**
 * A record of what each worker of a pool did, from `pool.trace()` until {@link Trace.stop}: one row per worker, with the times
 * in which it ran tasks, waited for them, or had none. docs/guide/tracing.md explains the picture.
 *
 * @example
 *   const trace = pool.trace();
 *   await pool.map(simulate, seeds).toArray();
 *   await trace.write('simulation.json'); // then: npx mpi-futures report simulation.json
 *
 * @since 0.1.0
 */
export class Trace implements Disposable {
  readonly #table = new SpanTable();
  readonly #tracer: PoolTracer;

  /** Made by `pool.trace()`. */
  constructor(tracer: PoolTracer) {
    this.#tracer = tracer;
    tracer.add(this.#table);
  }

  /** Ends the record. Can be called again. */
  stop(): void {
    this.#tracer.remove(this.#table);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** The record until now, in the format of Chrome's trace viewer: what `JSON.stringify(trace)` writes. */
  toJSON(): TraceDocument {
    this.#tracer.upToNow();
    const rows = this.#table.rows.flatMap(rowEvents);
    const spans = Array.from(this.#table.spans(), spanEvent);
    return { displayTimeUnit: 'ms', traceEvents: [...rows, ...spans] };
  }

  /**
   * Ends the record, and writes it to a file for ui.perfetto.dev, chrome://tracing and `mpi-futures report`.
   *
   * @throws the error of the file system (as a rejection)
   */
  async write(file: string): Promise<void> {
    this.stop();
    await writeFile(file, JSON.stringify(this));
  }
}
