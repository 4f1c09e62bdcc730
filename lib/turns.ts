/** A queue for operations that must run one at a time, or in the order in which they were asked for. */

/** A place in the queue. */
export interface Turn {
  /** Resolves when all turns before this one have ended; undefined if there are none. */
  readonly begins: Promise<void> | undefined;
  /** Lets the next turn begin. A turn that is ended before it has begun is skipped. */
  readonly end: () => void;
}

/** A queue of turns. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Takes the place after all that were taken so far. */
  take(): Turn {
    const begins = this.#last;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const last = begins === undefined ? ended : begins.then(() => ended);
    this.#last = last;
    void last.then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    return { begins, end };
  }

  /** Resolves when all turns that were taken so far have ended. */
  async over(): Promise<void> {
    await this.#last;
  }
}
