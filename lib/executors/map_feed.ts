import { AsyncResource } from 'node:async_hooks';

import type { Future } from '../futures/future.js';
import type { ArgumentList, ArgumentLists } from './argument_lists.js';

/** The methods by which a map uses its executor. */
export interface MapTarget<R> {
  /** The name of the function. */
  readonly name?: string;
  /** Submits one call. */
  submit(args: ArgumentList): Future<R>;
  /** Submits several calls as one task. */
  submitChunk(argumentLists: readonly ArgumentList[]): Future<R[]>;
  /**
   * The number of pending tasks that keeps all workers busy. Called again and again, as the number of workers grows.
   */
  defaultWindow(): number;
}

/** Receives the futures of the tasks that a {@link MapFeed} submits. */
export interface MapConsumer<R> {
  /** A task was submitted: one result, or a chunk of them. */
  submitted(future: Future<R> | Future<R[]>, calls: number): void;
  /** No more tasks will be submitted: the sources have ended, or one has failed. */
  ended(): void;
}

/** Limits of the number of calls that a {@link MapFeed} submits. */
export interface FeedLimits {
  /** The number of calls in one task. */
  readonly chunkSize: number;
  /** The largest number of results that are pending or not yet taken; default: see `MapOptions`. */
  readonly bufferSize: number | undefined;
}

/** Reads the sources of a map and submits its calls, as far ahead of the results as the limits allow. */
export class MapFeed<R> {
  /** Undefined after the end, so that the sources can be garbage-collected. */
  #open: { readonly target: MapTarget<R>; readonly lists: ArgumentLists } | undefined;
  /** The asynchronous context of the call of `map`, in which the sources are read and closed. */
  readonly #context = new AsyncResource('Map', { requireManualDestroy: true });
  readonly #consumer: MapConsumer<R>;
  readonly #limits: FeedLimits;
  #chunk: ArgumentList[] = [];
  #notTaken = 0;
  #reading = false;
  #failure: { error: unknown } | undefined;

  constructor(
    target: MapTarget<R>,
    lists: ArgumentLists,
    limits: FeedLimits,
    consumer: MapConsumer<R>,
  ) {
    this.#open = { target, lists };
    this.#consumer = consumer;
    this.#limits = limits;
  }

  /** True when all calls have been submitted. */
  get ended(): boolean {
    return this.#open === undefined;
  }

  /**
   * The error that ended the map before its sources did, if any. The results of calls that were submitted come first.
   */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Notes that one result was taken, so that another call can be submitted. */
  taken(): void {
    this.#notTaken--;
    this.fill();
  }

  /** Submits as many calls as the limits allow: now, if the sources answer synchronously. */
  fill(): void {
    if (this.#open === undefined || this.#reading) return;
    const { lists } = this.#open;
    if (this.#hasRoom())
      this.#context.runInAsyncScope(() => {
        this.#read(lists);
      });
  }

  #read(lists: ArgumentLists): void {
    try {
      while (this.#hasRoom()) {
        const list = lists.next();
        if (list instanceof Promise) {
          this.#await(list, lists);
          return;
        }
        this.#accept(list, lists);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Stops reading and submitting, and closes the sources. */
  async close(): Promise<void> {
    if (this.#open === undefined) return;
    const { lists } = this.#open;
    this.#open = undefined;
    this.#chunk = [];
    const closing = this.#context.runInAsyncScope(() => lists.close());
    // A source that is being read closes only after it has given the element, which may take for ever.
    if (this.#reading) closing.catch(() => undefined);
    else await closing;
  }

  #hasRoom(): boolean {
    if (this.#open === undefined) return false;
    const { bufferSize, chunkSize } = this.#limits;
    const { lists, target } = this.#open;
    const window =
      bufferSize ?? (lists.sized ? Infinity : Math.max(1, target.defaultWindow()) * chunkSize);
    return this.#notTaken + chunkSize <= window;
  }

  #await(list: Promise<ArgumentList | undefined>, lists: ArgumentLists): void {
    this.#reading = true;
    list
      .then((value) => {
        this.#reading = false;
        this.#accept(value, lists);
        this.fill();
      })
      .catch((error: unknown) => {
        this.#reading = false;
        this.#fail(error);
      });
  }

  #accept(list: ArgumentList | undefined, lists: ArgumentLists): void {
    if (this.#open === undefined) {
      // The map was closed by the source itself while the source was being read, when it could not be closed.
      closeQuietly(lists);
    } else if (list === undefined) {
      this.#submitChunk();
      this.#end();
    } else if (this.#limits.chunkSize === 1) {
      this.#submitted(this.#open.target.submit(list), 1);
    } else {
      this.#chunk.push(list);
      if (this.#chunk.length === this.#limits.chunkSize) this.#submitChunk();
    }
  }

  #submitChunk(): void {
    const chunk = this.#chunk;
    if (chunk.length === 0 || this.#open === undefined) return;
    this.#chunk = [];
    this.#submitted(this.#open.target.submitChunk(chunk), chunk.length);
  }

  #submitted(future: Future<R> | Future<R[]>, results: number): void {
    this.#notTaken += results;
    this.#consumer.submitted(future, results);
  }

  // Elements that were read before the failure come before it.
  #fail(error: unknown): void {
    if (this.#open === undefined) return;
    const { lists } = this.#open;
    this.#failure = { error };
    try {
      this.#submitChunk();
    } catch (earlier) {
      this.#failure = { error: earlier };
    }
    closeQuietly(lists);
    this.#end();
  }

  #end(): void {
    this.#open = undefined;
    this.#consumer.ended();
  }
}

function closeQuietly(lists: ArgumentLists): void {
  lists.close().catch(() => undefined);
}
