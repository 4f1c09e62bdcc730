/** A queue for what can only be done alone, or must be done in the order in which it was asked for. */

/** A place in the queue. */
export interface Turn {
  /** Resolved when all turns before this one have ended; undefined where none is left. */
  readonly begins: Promise<void> | undefined;
  /** The next may begin. A turn that is ended before it has begun is passed over. */
  readonly end: () => void;
}

/** The queue. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Takes the place behind all that were taken so far. */
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

  /** Resolved when all turns that were taken so far have ended. */
  async over(): Promise<void> {
    await this.#last;
  }
}
