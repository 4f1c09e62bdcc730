import { Condition } from '../futures/condition.js';

/** Counts what has begun and not ended, for those that wait until there is nothing left. */
export class Pending {
  #count = 0;
  readonly #over = new Condition(() => this.#count === 0);

  /** To be followed by one {@link end}. */
  begin(): void {
    this.#count++;
  }

  /** One thing has ended, or failed. */
  end(): void {
    this.#count--;
    this.#over.check();
  }

  /** Resolved when nothing is left, which may be now. */
  over(): Promise<void> {
    return this.#over.wait();
  }
}
