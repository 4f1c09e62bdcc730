/** The inside of a public communicator: the one of MPI, once there is one, and the pending operations. */

import { InvalidStateError } from '../errors.js';
import { Condition } from '../futures/condition.js';
import { hold, release } from '../addon/keep_alive.js';
import { isFinalizing, toMpiError } from '../addon/mpi_process.js';
import { isAlone } from './alone.js';
import { ContentsTags } from './messages/contents_tags.js';
import { Mailbox } from './messages/mailbox.js';
import type { Opened } from './opened.js';
import { Turns } from '../turns.js';
import { UntilFailure } from '../until_failure.js';

/** The ranks and sizes of a communicator. The launcher gives those of COMM_WORLD before MPI has started. */
export interface Extent {
  readonly rank: number;
  readonly size: number;
  readonly remoteSize: number;
  readonly isInter: boolean;
}

/** Counts operations that have begun and not ended, for callers that wait until none is left. */
class Pending {
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

/** The pending operations of all communicators. */
export const allOperations = new Pending();

/**
 * A communicator from its first use to its end: opens it, counts its pending operations, keeps its turns and its
 * messages.
 */
export class Handle {
  /** MPI requires that all ranks begin the collective operations of a communicator in the same order. */
  readonly turns = new Turns();
  readonly mailbox: Mailbox;
  readonly contentsTags = new ContentsTags();
  /** The number of collective operations so far, which is the same on all ranks. */
  collectives = 0;
  #opening: Promise<Opened> | undefined;
  readonly #open: () => Promise<Opened>;
  #extent: Extent;
  #closed: string | undefined;
  readonly #pending = new Pending();

  /** True if the user cannot free it: COMM_WORLD, COMM_SELF, and the communicator of a pool's workers. */
  readonly isPermanent: boolean;

  /** Fails when a process has died for which operations wait. Shared with the communicators that are made of this one. */
  readonly #untilDeath: UntilFailure;

  /** @param open - called at the first use */
  constructor(
    extent: Extent,
    open: () => Promise<Opened>,
    isPermanent = false,
    untilDeath = new UntilFailure(),
  ) {
    this.#extent = extent;
    this.isPermanent = isPermanent;
    this.#untilDeath = untilDeath;
    this.#open = open;
    this.mailbox = new Mailbox(() => this.open());
  }

  static of(opened: Opened, isPermanent = false): Handle {
    return new Handle(opened.native, () => Promise.resolve(opened), isPermanent);
  }

  /** Makes the handle of a communicator of processes of this one. */
  derive(opened: Opened): Handle {
    return new Handle(opened.native, () => Promise.resolve(opened), false, this.#untilDeath);
  }

  /** Rejects all operations, pending and future ones, of this communicator and of those derived from it. */
  fail(error: Error): void {
    this.#untilDeath.fail(error);
  }

  get extent(): Extent {
    return this.#extent;
  }

  /** The number of ranks that messages can be sent to. */
  get peers(): number {
    const { isInter, remoteSize, size } = this.#extent;
    return isInter ? remoteSize : size;
  }

  /** Opens the communicator. Always returns the same promise, so that callers continue in the order of their calls. */
  open(): Promise<Opened> {
    return (this.#opening ??= this.#open().then((opened) => {
      this.#extent = opened.native;
      return opened;
    }));
  }

  /**
   * @throws the error passed to {@link fail}; {@link InvalidStateError} after `free()` or `disconnect()`, and after MPI
   *   was finalized
   */
  check(): void {
    if (isFinalizing())
      throw new InvalidStateError('MPI cannot be used any more: finalize() was called');
    this.#untilDeath.check();
    if (this.#closed === undefined) return;
    throw new InvalidStateError(
      `The communicator cannot be used any more: ${this.#closed}() was called`,
    );
  }

  /** Lets no new operation begin. Resolves when all that have begun are over; pending receives are rejected. */
  close(how: string): Promise<void> {
    this.check();
    this.#closed = how;
    this.mailbox.close(
      () => new InvalidStateError(`Nothing is received any more: ${how}() was called`),
    );
    return this.#pending.over();
  }

  /** Runs an operation, and keeps the program alive until it has ended. */
  async during<T>(body: (opened: Opened) => Promise<T>): Promise<T> {
    this.#pending.begin();
    allOperations.begin();
    try {
      const opened = await this.open();
      if (isAlone(opened.native)) return await this.#untilDeath.during(body(opened));
      hold(opened.addon);
      try {
        return await this.#untilDeath.during(body(opened));
      } finally {
        release(opened.addon);
      }
    } catch (error) {
      throw toMpiError(error);
    } finally {
      this.#pending.end();
      allOperations.end();
    }
  }
}
