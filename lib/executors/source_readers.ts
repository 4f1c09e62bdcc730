import { argumentTypeError } from '../argument_errors.js';

/** A source from which a map reads its arguments. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** One source for each parameter of a function. */
export type Sources<A extends readonly unknown[]> = { [K in keyof A]: Source<A[K]> };

/** Reads a synchronous source. */
export class SyncReader {
  readonly #iterator: Iterator<unknown>;
  #open = true;

  constructor(source: Iterable<unknown>) {
    this.#iterator = source[Symbol.iterator]();
  }

  read(): IteratorResult<unknown> {
    // A source that throws, as one that has ended, has closed itself.
    this.#open = false;
    const step = stepOf(this.#iterator.next());
    this.#open = step.done !== true;
    return step;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#iterator.return?.();
  }
}

/** Reads an asynchronous source. */
export class AsyncReader {
  readonly #iterator: AsyncIterator<unknown>;
  #open = true;

  constructor(source: AsyncIterable<unknown>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  async read(): Promise<IteratorResult<unknown>> {
    try {
      const step = stepOf(await this.#iterator.next());
      if (step.done === true) this.#open = false;
      return step;
    } catch (error) {
      this.#open = false;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#iterator.return?.();
  }
}

// Checked as for…of does: otherwise an object that is not an iterator would go on for ever.
function stepOf(step: IteratorResult<unknown>): IteratorResult<unknown> {
  if (typeof step === 'object' && (step as unknown) !== null) return step;
  throw argumentTypeError('an object', 'what next() of a source of map returns', step);
}

/** True if all elements are in memory already, so that reading all of them at once costs no more. */
export function isSized(source: unknown): boolean {
  return (
    Array.isArray(source) ||
    typeof source === 'string' ||
    ArrayBuffer.isView(source) ||
    source instanceof Set ||
    source instanceof Map
  );
}

/** The number of elements of a source that is {@link isSized}. */
export function sizeOf(source: unknown): number {
  if (source instanceof Set || source instanceof Map) return source.size;
  // A string gives its code points.
  return typeof source === 'string'
    ? Array.from(source).length
    : (source as ArrayLike<unknown>).length;
}

/** True for an asynchronous source. */
export function isAsync(source: Source<unknown>): source is AsyncIterable<unknown> {
  return typeof (source as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}

/** @throws {TypeError} for a value that cannot be read as a source */
export function validateSource(source: unknown, name: string): asserts source is Source<unknown> {
  const methods = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const method = methods?.[Symbol.asyncIterator] ?? methods?.[Symbol.iterator];
  if (typeof method !== 'function') {
    throw argumentTypeError('an iterable or async iterable', name, source);
  }
}
