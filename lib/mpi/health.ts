/** Lets operations fail that wait for a process which is gone. */

import { UntilFailure } from '../until_failure.js';

/** The state of a communicator and of those made of it: usable, until {@link fail} says why not. */
export class Health {
  readonly #operations = new UntilFailure();
  #illness: Error | undefined;

  /** A process of it is gone: what waits for that would wait for ever. */
  fail(error: Error): void {
    this.#illness ??= error;
    this.#operations.fail(error);
  }

  /** @throws what {@link fail} was called with */
  check(): void {
    if (this.#illness !== undefined) throw this.#illness;
  }

  /** Settles as `operation` does, unless {@link fail} comes first. */
  during<T>(operation: Promise<T>): Promise<T> {
    return this.#operations.during(operation);
  }
}
