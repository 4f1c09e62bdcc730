import { AsyncResource } from 'node:async_hooks';

import type { Future } from '../futures/future.js';
import type { ArgumentList, ArgumentLists } from './argument_lists.js';

/** How a map reaches its executor. */
export interface MapTarget<R> {
  /** Submits one call. */
  submit(args: ArgumentList): Future<R>;
  /** Submits several calls as one task. */
  submitChunk(argumentLists: readonly ArgumentList[]): Future<R[]>;
  /** How many tasks on their way keep all workers busy; asked again and again as workers come. */
  defaultWindow(): number;
}

/** The receiver of what a {@link MapFeed} submits. */
export interface MapConsumer<R> {
  /** A task was submitted: one result, or a chunk of them. */
  submitted(future: Future<R> | Future<R[]>): void;
  /** No more will be: the sources have ended or one has failed. */
  ended(): void;
}

/** How much a {@link MapFeed} submits. */
export interface FeedLimits {
  /** Calls in one task. */
  readonly chunkSize: number;
  /** Most results submitted and not taken; default: see `MapOptions`. */
  readonly bufferSize: number | undefined;
}

/** Reads the sources of a map and submits its calls, as far ahead of the results as it may. */
export class MapFeed<R> {
  /** Undefined when it has ended: what they hold is kept no longer. */
  #open: { readonly target: MapTarget<R>; readonly lists: ArgumentLists } | undefined;
  /** The asynchronous context of the call of map, in which the sources are read and closed. */
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

  /** True when all has been submitted. */
  get ended(): boolean {
    return this.#open === undefined;
  }

  /** Why it ended before the sources did, if so. The results of what was submitted come before. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** One result was taken: there is room for another. */
  taken(): void {
    this.#notTaken--;
    this.fill();
  }

  /** Submits as much as there is room for: now, if the sources answer at once. */
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

  /** Reads and submits no more, and closes the sources. */
  async close(): Promise<void> {
    if (this.#open === undefined) return;
    const { lists } = this.#open;
    this.#open = undefined;
    this.#chunk = [];
    const closing = this.#context.runInAsyncScope(() => lists.close());
    // A source that was asked for an element closes after it, and may take for ever to give it.
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
      // It was closed by the source itself, which could not be closed while it was being read.
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
    this.#consumer.submitted(future);
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
