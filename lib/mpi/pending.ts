import { Condition } from '../futures/condition.js';

/** Counts operations that have begun and not ended, for callers that wait until none is left. */
export class Pending {
  #count = 0;
  readonly #over = new Condition(() => this.#count === 0);

  /** Counts one operation; each call is followed by one {@link end}. */
  begin(): void {
    this.#count++;
  }

  /** Notes that one operation has ended or failed. */
  end(): void {
    this.#count--;
    this.#over.check();
  }

  /** Resolves when no operation is pending, which may be at once. */
  over(): Promise<void> {
    return this.#over.wait();
  }
}
