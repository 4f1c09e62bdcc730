import { writeFile } from 'node:fs/promises';

import { notToBeSent } from '../values/refusing/explanations.js';
import { eventsOf, linesOf, spanEvent, type TraceEvent } from './chrome_trace.js';
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
  static {
    notToBeSent(this, 'send its toJSON()');
  }

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
    const present = this.#tracer.present(this.#table).map(spanEvent);
    return { displayTimeUnit: 'ms', traceEvents: [...eventsOf(this.#table), ...present] };
  }

  /**
   * Ends the record, and writes it to a file for ui.perfetto.dev, chrome://tracing and `mpi-futures report`.
   *
   * @throws the error of the file system (as a rejection)
   */
  async write(file: string): Promise<void> {
    this.stop();
    await writeFile(file, this.#pieces());
  }

  /** The text of the file. A list may not end with a comma. */
  *#pieces(): Generator<string> {
    yield '{"displayTimeUnit":"ms","traceEvents":[\n';
    let held = '';
    for (const piece of linesOf(eventsOf(this.#table))) {
      if (held !== '') yield held;
      held = piece;
    }
    yield `${held.replace(/,\n$/, '')}\n]}\n`;
  }
}
