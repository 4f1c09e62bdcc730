import { TimeoutError } from '../errors.js';
import { validateOptions, validateTimeout } from '../validators.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import { Fifo } from './fifo.js';
import { addCallback, removeDoneCallback, type Future } from './future.js';
import { listFutures } from './future_list.js';
import { startTimer } from './wait_limits.js';

/** Options of {@link asCompleted}. */
export interface AsCompletedOptions {
  /** The longest time in milliseconds from the call on, for all futures. Default: no limit. */
  timeout?: number | undefined;
}

/**
 * A future that a `for await` over {@link asCompleted} gives, done and not awaited. TypeScript assumes that values of
 * an async iterator were awaited; a type without `then` keeps the future. It can be used wherever `F` can; its outcome
 * is at `await future.result()`.
 */
export type DoneFuture<F> = F & { readonly then: never };

/**
 * Gives each future once, when it is done: first those that are already done, in their order, then the others as they
 * succeed, fail or are cancelled. Getting a future does not count as looking at its failure; `await future.result()`
 * does.
 *
 * After the timeout, futures that are done are still given, and then `next` rejects with a `TimeoutError`; the futures
 * go on. Leaving the loop, or calling `return`, releases the futures and cancels none.
 *
 * @param futures any iterable of futures, of one executor or of several; read at the call
 * @throws {TypeError | RangeError} for wrong arguments, at the call
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: AsCompletedOptions = {},
): AsCompleted<F> {
  validateAsCompletedOptions(options);
  return new AsCompleted(new Set(listFutures(futures)), options.timeout ?? Infinity);
}

/** The futures of {@link asCompleted}, to be taken with `for await` or `next`. */
// Not an async generator, which would await the futures and yield their results.
export class AsCompleted<F extends Future<unknown>>
  implements AsyncIterableIterator<DoneFuture<F>, undefined>, AsyncDisposable
{
  static {
    notToBeSent(this, 'send the results of its futures: await each of them');
  }

  readonly #count: number;
  readonly #timeout: number;
  readonly #deadline: number;
  readonly #pending = new Set<F>();
  readonly #done = new Fifo<F>();
  #takers: Taker<F>[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(futures: ReadonlySet<F>, timeout: number) {
    this.#count = futures.size;
    this.#timeout = timeout;
    this.#deadline = performance.now() + timeout;
    for (const future of futures) {
      if (future.done()) {
        this.#done.push(future);
      } else {
        this.#pending.add(future);
        addCallback(future, this.#onDone);
      }
    }
  }

  /** Resolves to the next future. Can be called again before the promise is settled. */
  next(): Promise<IteratorResult<DoneFuture<F>, undefined>> {
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Releases the futures, which go on. Pending calls of `next` resolve as at the end. */
  return(): Promise<IteratorResult<DoneFuture<F>, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Does the same as {@link return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #onDone = (future: F): void => {
    if (!this.#pending.delete(future)) return;
    this.#done.push(future);
    this.#serve();
  };

  #serve(): void {
    while (this.#takers.length > 0 && this.#done.first !== undefined) {
      const value = this.#done.take() as DoneFuture<F>;
      this.#takers.shift()!.resolve({ done: false, value });
    }
    if (this.#takers.length === 0) this.#stopTimer();
    else if (this.#pending.size === 0) this.#end();
    else this.#startTimer();
  }

  // Runs only while somebody waits, so that it does not keep the process alive between two turns of a loop.
  #startTimer(): void {
    if (this.#timer !== undefined || this.#timeout === Infinity) return;
    const left = this.#deadline - performance.now();
    if (left > 0) this.#timer = startTimer(left, this.#expire);
    else this.#expire();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #expire = (): void => {
    this.#stopTimer();
    // A future that is done in time counts, even if its callback has not been called yet.
    const late = [...this.#pending].filter((future) => future.done());
    if (late.length > 0) {
      for (const future of late) this.#onDone(future);
    } else {
      const limit = `Expected all futures to be done within ${this.#timeout} ms`;
      const message = `${limit} but ${this.#pending.size} of ${this.#count} were not`;
      this.#takers.shift()?.reject(new TimeoutError(message));
      this.#end();
    }
  };

  #end(): void {
    this.#stopTimer();
    for (const future of this.#pending) removeDoneCallback(future, this.#onDone);
    this.#pending.clear();
    void this.#done.clear();
    for (const { resolve } of this.#takers.splice(0)) resolve({ done: true, value: undefined });
  }
}

interface Taker<F> {
  readonly resolve: (result: IteratorResult<DoneFuture<F>, undefined>) => void;
  readonly reject: (error: TimeoutError) => void;
}

const knownOptions = { of: 'asCompleted', names: ['timeout'] };

function validateAsCompletedOptions(options: unknown): asserts options is AsCompletedOptions {
  validateOptions(options, knownOptions);
  const { timeout }: { timeout?: unknown } = options;
  if (timeout !== undefined) validateTimeout(timeout, 'timeout');
}
