/**
 * Sends the definitions of functions to workers, each once, before the first message that refers to it, and tells
 * workers when no later message will.
 */

import { encodeMessage, MessageKind } from '../tasks/messages.js';
import { programFunctions } from './functions.js';
import type { PooledWorker } from './pooled_worker.js';

/** The definitions that the workers of one pool have; {@link PooledWorker.defined} has those of each worker. */
export class SentDefinitions {
  readonly #memory: ((size: number) => Uint8Array) | undefined;
  /** The definitions by id, encoded once for all workers, including later ones. */
  readonly #definitions = new Map<number, Uint8Array>();
  /** The functions that were forgotten since the workers were last told. */
  readonly #forgotten: number[] = [];
  #listenNoMore: (() => void) | undefined;

  /** @param memory - allocates memory for messages that go to many workers; undefined: any will do */
  constructor(memory: ((size: number) => Uint8Array) | undefined) {
    this.#memory = memory;
  }

  /** Sends `worker` the definition of a function, and of those that the definition refers to, unless it has them. */
  send(worker: PooledWorker, id: number): void {
    if (id === 0 || worker.defined.has(id)) return;
    worker.defined.add(id);
    for (const needed of programFunctions.neededBy(id)) this.send(worker, needed);
    let message = this.#definitions.get(id);
    if (message === undefined) {
      this.#listenNoMore ??= programFunctions.whenForgotten((id) => {
        if (this.#definitions.delete(id)) this.#forgotten.push(id);
      });
      const definition = programFunctions.definition(id);
      message = encodeMessage(MessageKind.define, definition, this.#memory);
      this.#definitions.set(id, message);
    }
    worker.link.sendLasting(message);
  }

  /** Tells the workers which of their functions have been forgotten since the last call. */
  sendForgotten(workers: readonly PooledWorker[]): void {
    if (this.#forgotten.length === 0) return;
    for (const id of this.#forgotten.splice(0)) {
      const message = encodeMessage(MessageKind.forget, id);
      for (const { defined, link } of workers)
        if (defined.delete(id)) link.send(message, message.byteLength);
    }
  }

  /** Called when the workers have ended. */
  clear(): void {
    this.#listenNoMore?.();
    this.#listenNoMore = undefined;
    this.#definitions.clear();
    this.#forgotten.length = 0;
  }
}
