/** Spans of time of the workers of pools, kept as rows of numbers. */

/** The states of a worker, as they are written. */
export const states = ['idle', 'waiting', 'transfer', 'run', 'collector'] as const;

/** The state of a worker during a span. */
export type State = (typeof states)[number];

/** One span. Times are milliseconds of the master's `performance.now()`. */
export interface Span {
  /** The number of the pool, from 1. */
  readonly pool: number;
  /** The number of the worker in its pool. */
  readonly worker: number;
  readonly state: State;
  readonly start: number;
  readonly duration: number;
  /** For `run`: the name of the function. */
  readonly name: string;
  /** For `run`: milliseconds from submit to sent. */
  readonly waited: number;
  /** For `run`: milliseconds from sent to the call of the function. */
  readonly transfer: number;
  /** For `run`: the number of calls; more than one in a chunk of a map. */
  readonly calls: number;
  /** For `run`: true if the task began before the record or had not ended with it, or its worker died. */
  readonly partial: boolean;
}

/** A worker of a pool, as a row of the picture. */
export interface Row {
  readonly pool: number;
  readonly worker: number;
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
}

/** A receiver of spans. */
export interface SpanSink {
  /** Called for each worker of a pool, and where another worker or process takes the place of one. */
  row(row: Row): void;
  span(span: Span): void;
}

/** Rows and spans in memory. */
export class SpanTable implements SpanSink {
  readonly rows: Row[] = [];
  readonly #names: string[] = [];
  readonly #nameIds = new Map<string, number>();
  #numbers = new Float64Array(fields * 256);
  #count = 0;

  /** The number of spans. */
  get length(): number {
    return this.#count;
  }

  row(row: Row): void {
    this.rows.push(row);
  }

  span(span: Span): void {
    const at = fields * this.#count++;
    if (at === this.#numbers.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[at] = span.pool;
    numbers[at + 1] = span.worker;
    numbers[at + 2] = 2 * states.indexOf(span.state) + Number(span.partial);
    numbers[at + 3] = span.start;
    numbers[at + 4] = span.duration;
    numbers[at + 5] = this.#idOf(span.name);
    numbers[at + 6] = span.waited;
    numbers[at + 7] = span.transfer;
    numbers[at + 8] = span.calls;
  }

  /** All spans, in the order in which they came. */
  *spans(): Generator<Span> {
    for (let index = 0; index < this.#count; index++) {
      const [pool, worker, stateAndPart, start, duration, name, waited, transfer, calls] =
        this.#numbers.subarray(fields * index, fields * (index + 1)) as unknown as Fields;
      const state = states[stateAndPart >> 1]!;
      const partial = (stateAndPart & 1) === 1;
      yield { pool, worker, state, start, duration, name: this.#names[name]!, waited, transfer, calls, partial }; // prettier-ignore
    }
  }

  /** Removes all rows and spans. */
  clear(): void {
    this.rows.length = 0;
    this.#count = 0;
  }

  #idOf(name: string): number {
    let id = this.#nameIds.get(name);
    if (id === undefined) {
      id = this.#names.push(name) - 1;
      this.#nameIds.set(name, id);
    }
    return id;
  }
}

const fields = 9;
type Fields = [number, number, number, number, number, number, number, number, number];
