import { addCallback, markObserved, settledValue, type Future } from '../futures/future.js';
import type { ProgressCounter } from '../progress/map_progress.js';
import { progressCounter } from '../progress/progress_option.js';
import { waitWithin } from '../futures/wait_limits.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import type { ArgumentLists } from './argument_lists.js';
import { MapFeed, type MapTarget } from './map_feed.js';
import type { ResolvedMapOptions } from './map_options.js';
import { CompletionOrder, SubmissionOrder, type ResultOrder } from './result_order.js';

/**
 * The results of a map, to be taken with `for await`, `toArray` or `next`. Leaving the loop, or calling `return`,
 * cancels what is left and closes the sources.
 */
export class MapResults<R> implements AsyncIterableIterator<R, undefined>, AsyncDisposable {
  static {
    notToBeSent(this, 'send what it gives: await results.toArray()');
  }

  readonly #options: ResolvedMapOptions;
  readonly #deadline: number;
  readonly #feed: MapFeed<R>;
  readonly #progress: ProgressCounter | undefined;
  readonly #order: ResultOrder<Future<R> | Future<R[]>>;
  /** The results of the current chunk. Those that were taken have been removed. */
  #chunk: (R | undefined)[] = [];
  #takenOfChunk = 0;
  #over = false;
  #wake: (() => void) | undefined;
  #lastTurn: Promise<unknown> | undefined;
  #turns = 0;

  /** Submits the first calls at once, as many as the limits allow. */
  constructor(target: MapTarget<R>, options: ResolvedMapOptions, lists: ArgumentLists) {
    const { timeout, unordered, signal } = options;
    const notify = (): void => this.#notify();
    this.#options = options;
    this.#deadline = performance.now() + timeout;
    this.#order = unordered ? new CompletionOrder(notify) : new SubmissionOrder();
    const progress = progressCounter(options.progress, target.name ?? 'map', lists.length);
    this.#progress = progress;
    this.#feed = new MapFeed(target, lists, options, {
      submitted: (future, calls) => {
        this.#order.add(future);
        if (progress !== undefined) count(progress, future, calls);
        notify();
      },
      ended: () => {
        progress?.allSubmitted();
        notify();
      },
    });
    if (signal?.aborted === true) {
      this.#abort();
    } else {
      signal?.addEventListener('abort', this.#abort);
      this.#feed.fill();
    }
  }

  /** Resolves to the next result. Can be called again before the promise is settled. */
  next(): Promise<IteratorResult<R, undefined>> {
    // Where the result is here and no earlier call waits, a promise that is fulfilled already is enough.
    if (this.#turns === 0 && this.#isReady())
      return Promise.resolve({ done: false, value: this.#take() });
    return this.#inTurn(() => this.#next());
  }

  /** Resolves to all results that are left. */
  toArray(): Promise<R[]> {
    return this.#inTurn(() => this.#takeAll());
  }

  /** Cancels what has not started, and closes the sources. */
  async return(): Promise<IteratorResult<R, undefined>> {
    this.#over = true;
    await this.#stop();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Does the same as {@link return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #next(): Promise<IteratorResult<R, undefined>> {
    try {
      while (!this.#isReady()) {
        if (this.#isOver()) return { done: true, value: undefined };
        await this.#arrival();
      }
      return { done: false, value: this.#take() };
    } catch (error) {
      this.#fail(error);
      return { done: true, value: undefined };
    } finally {
      this.#turnIsOver();
    }
  }

  // Does not use `next`, so that results that are ready take no turn of the microtask queue.
  async #takeAll(): Promise<R[]> {
    const results: R[] = [];
    try {
      for (;;) {
        while (this.#isReady()) results.push(this.#take());
        if (this.#isOver()) return results;
        await this.#arrival();
      }
    } catch (error) {
      this.#fail(error);
      return results;
    } finally {
      this.#turnIsOver();
    }
  }

  // One after another, as an async generator does, but without a queue while no earlier call waits.
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const alone = this.#turns++ === 0 || this.#lastTurn === undefined;
    const turn = alone ? run() : this.#lastTurn!.then(run, run);
    this.#lastTurn = this.#turns > 0 ? turn : undefined;
    return turn;
  }

  // Otherwise the last promise would keep its result in memory.
  #turnIsOver(): void {
    if (--this.#turns === 0) this.#lastTurn = undefined;
  }

  #isReady(): boolean {
    if (this.#takenOfChunk < this.#chunk.length) return true;
    const future = this.#order.first;
    if (future?.state !== 'fulfilled') return false;
    this.#order.drop();
    const result = settledValue<R | R[]>(future);
    this.#chunk = this.#options.chunkSize === 1 ? [result as R] : [...(result as R[])];
    this.#takenOfChunk = 0;
    return true;
  }

  #take(): R {
    const result = this.#chunk[this.#takenOfChunk] as R;
    this.#chunk[this.#takenOfChunk++] = undefined;
    this.#feed.taken();
    return result;
  }

  #isOver(): boolean {
    if (this.#over) return true;
    this.#options.signal?.throwIfAborted();
    if (!this.#feed.ended || !this.#order.empty) return false;
    if (this.#feed.failure !== undefined) throw this.#feed.failure.error;
    this.#end();
    return true;
  }

  // When nothing is ready: waits for the next result or, if there is none yet, until one is known.
  #arrival(): Promise<unknown> {
    const awaited = this.#order.first ?? new Promise<void>((resolve) => (this.#wake = resolve));
    const { timeout, signal } = this.#options;
    if (timeout === Infinity && signal === undefined) return awaited;
    const left = Math.max(0, this.#deadline - performance.now());
    const expectation = `Expected all results of map within ${timeout} ms of the call`;
    return waitWithin<unknown>(awaited, { timeout: left, signal }, expectation);
  }

  #fail(error: unknown): void {
    // The map was closed while a result was awaited, which no longer matters.
    if (this.#over) return;
    this.#end();
    throw error;
  }

  #end(): void {
    this.#over = true;
    this.#abort();
  }

  readonly #abort = (): void => {
    this.#stop().catch(() => undefined);
  };

  #stop(): Promise<void> {
    this.#progress?.end();
    this.#options.signal?.removeEventListener('abort', this.#abort);
    for (const future of this.#order.clear()) {
      future.cancel();
      markObserved(future);
    }
    this.#chunk = [];
    const closing = this.#feed.close();
    this.#notify();
    return closing;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** Separate from the constructor, in which a closure would cost each call of a map a context. */
function count(progress: ProgressCounter, future: Future<unknown>, calls: number): void {
  progress.submitted(calls);
  addCallback(future, () => {
    progress.done(calls);
  });
}
