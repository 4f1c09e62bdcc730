/** Makes operations fail that wait for a process which has died. */

import { UntilFailure } from '../until_failure.js';

/** The state of a communicator and of those made of it: usable, until {@link fail} says why not. */
export class Health {
  readonly #operations = new UntilFailure();
  #illness: Error | undefined;

  /** Notes that a process of the communicator has died: operations that wait for it would never end. */
  fail(error: Error): void {
    this.#illness ??= error;
    this.#operations.fail(error);
  }

  /** @throws the error passed to {@link fail} */
  check(): void {
    if (this.#illness !== undefined) throw this.#illness;
  }

  /** Settles as `operation` does, unless {@link fail} comes first. */
  during<T>(operation: Promise<T>): Promise<T> {
    return this.#operations.during(operation);
  }
}
