import { inspect } from 'node:util';
import type { FutureOwner } from './future.js';

/**
 * The failures that nobody has looked at, of one executor: silent while it works, for somebody may
 * still look, and worth one warning when it has ended.
 */
export class UnobservedFailures implements FutureOwner {
  /** The owner of a future that is done is the count of its failures, and nothing else. */
  readonly unobservedFailures = this;
  #count = 0;
  readonly #earliest = new Map<object, unknown>();

  /** How many there are now. */
  get count(): number {
    return this.#count;
  }

  onCancel(): void {
    // Only a future that is not done is cancelled, and that one still has its first owner.
  }

  /** A future failed with `error` before anybody looked at it. */
  add(future: object, error: unknown): void {
    this.#count++;
    if (this.#earliest.size < MOST_KEPT) this.#earliest.set(future, error);
  }

  /** Somebody looks at it after all. */
  delete(future: object): void {
    this.#count = Math.max(0, this.#count - 1);
    this.#earliest.delete(future);
  }

  /**
   * Emits one process warning with the count and the first failure, if there is any, and starts
   * again from none. To be called when those who waited for the end of the executor have had their
   * turn to look.
   * @param executor its name, for the message
   */
  warn(executor: string): void {
    if (this.#count === 0) return;
    const tasks = this.#count === 1 ? 'A task' : `${this.#count} tasks`;
    const [first] = this.#earliest.entries();
    process.emitWarning(`${tasks} of ${executor} failed and nobody looked at the result`, {
      type: 'UnobservedFailureWarning',
      detail: first && `The first: ${inspect(first[1])}`,
    });
    this.#count = 0;
    this.#earliest.clear();
  }
}

// Only the first is shown. A few more are kept for the case that it is looked at later; all of them
// would be a leak in a program that submits and forgets.
const MOST_KEPT = 32;
