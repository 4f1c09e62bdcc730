/** Tells workers of functions: each before the first message that names it, once, and when nothing will name it any more. */

import { encodeMessage, MessageKind } from '../tasks/messages.js';
import { programFunctions } from './functions.js';
import type { PooledWorker } from './pooled_worker.js';

/** The definitions that the workers of one pool have been sent; which worker has which is in {@link PooledWorker.told}. */
export class ToldFunctions {
  readonly #memory: ((size: number) => Uint8Array) | undefined;
  /** By id: the definition, encoded once for all workers, and for those that come later. */
  readonly #definitions = new Map<number, Uint8Array>();
  /** Number of forgotten functions that the workers have heard of. */
  #forgotten = programFunctions.forgotten.length;

  /** @param memory - for messages that go to many workers; undefined: any will do */
  constructor(memory: ((size: number) => Uint8Array) | undefined) {
    this.#memory = memory;
  }

  /** Tells `worker` of a function, and of those that its definition names, unless it knows. */
  tell(worker: PooledWorker, id: number): void {
    if (id === 0 || worker.told.has(id)) return;
    worker.told.add(id);
    for (const needed of programFunctions.neededBy(id)) this.tell(worker, needed);
    let message = this.#definitions.get(id);
    if (message === undefined) {
      const definition = programFunctions.definition(id);
      message = encodeMessage(MessageKind.define, definition, this.#memory);
      this.#definitions.set(id, message);
    }
    worker.link.sendLasting(message);
  }

  /** Tells the workers which of the functions they know have been forgotten since the last call. */
  tellForgotten(workers: readonly PooledWorker[]): void {
    const { forgotten } = programFunctions;
    for (; this.#forgotten < forgotten.length; this.#forgotten++) {
      const id = forgotten[this.#forgotten]!;
      this.#definitions.delete(id);
      const message = encodeMessage(MessageKind.forget, id);
      for (const { told, link } of workers)
        if (told.delete(id)) link.send(message, message.byteLength);
    }
  }

  /** The workers have ended. */
  clear(): void {
    this.#definitions.clear();
  }
}
