/** A queue of calls, for MPI demands that all ranks begin the collective operations of a communicator in the same order. */

/** A place in the queue. */
export interface Turn {
  /** Resolved when all before have ended their turns. */
  readonly begins: Promise<void>;
  /** All calls of MPI were made. */
  end(): void;
}

/** The queue of one communicator. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  take(): Turn {
    const begins = this.#last;
    let end!: () => void;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    return { begins, end };
  }
}
