/** The inside of a communicator that users see: the one of MPI, once there is one, and the operations that go on in it. */

import { InvalidStateError } from '../errors.js';
import { hold, release } from '../addon/keep_alive.js';
import { isFinalizing, toMpiError } from '../addon/mpi_process.js';
import { isAlone } from './alone.js';
import { ContentsTags } from './messages/contents_tags.js';
import { Health } from './health.js';
import { Mailbox } from './messages/mailbox.js';
import type { Opened } from './opened.js';
import { Pending } from './pending.js';
import { Turns } from '../turns.js';

/** Ranks and sizes of a communicator. Those of COMM_WORLD are known before MPI has started, by the launcher. */
export interface Extent {
  readonly rank: number;
  readonly size: number;
  readonly remoteSize: number;
  readonly isInter: boolean;
}

/** The operations that go on in all communicators. */
export const allOperations = new Pending();

/** A communicator from its first use to its end: opens it, counts what goes on in it, keeps its turns and its messages. */
export class Handle {
  /** MPI demands that all ranks begin the collective operations of a communicator in the same order. */
  readonly turns = new Turns();
  readonly mailbox: Mailbox;
  readonly contentsTags = new ContentsTags();
  /** Of collective operations so far: the same on all ranks. */
  collectives = 0;
  #opening: Promise<Opened> | undefined;
  readonly #open: () => Promise<Opened>;
  #extent: Extent;
  #closed: string | undefined;
  readonly #pending = new Pending();

  /** Not the user's to free: COMM_WORLD, COMM_SELF, and that of the workers of a pool. */
  readonly isPermanent: boolean;

  readonly #health: Health;

  /** @param open - called at the first use */
  constructor(
    extent: Extent,
    open: () => Promise<Opened>,
    isPermanent = false,
    health = new Health(),
  ) {
    this.#extent = extent;
    this.isPermanent = isPermanent;
    this.#health = health;
    this.#open = open;
    this.mailbox = new Mailbox(() => this.open());
  }

  static of(opened: Opened, isPermanent = false): Handle {
    return new Handle(opened.native, () => Promise.resolve(opened), isPermanent);
  }

  /** A communicator of processes of this one. */
  derive(opened: Opened): Handle {
    return new Handle(opened.native, () => Promise.resolve(opened), false, this.#health);
  }

  /** All that goes on in it, and in what was derived, fails, and all that comes. */
  fail(error: Error): void {
    this.#health.fail(error);
  }

  get extent(): Extent {
    return this.#extent;
  }

  /** How many ranks messages can be sent to. */
  get peers(): number {
    const { isInter, remoteSize, size } = this.#extent;
    return isInter ? remoteSize : size;
  }

  /** Always the same promise: what waits for it goes on in the order of the calls. */
  open(): Promise<Opened> {
    return (this.#opening ??= this.#open().then((opened) => {
      this.#extent = opened.native;
      return opened;
    }));
  }

  /** @throws what {@link fail} was called with; {@link InvalidStateError} after `free()` or `disconnect()`, and after MPI was finalized */
  check(): void {
    if (isFinalizing())
      throw new InvalidStateError('MPI cannot be used any more: finalize() was called');
    this.#health.check();
    if (this.#closed === undefined) return;
    throw new InvalidStateError(
      `The communicator cannot be used any more: ${this.#closed}() was called`,
    );
  }

  /** Nothing new begins from now on. Resolved when all that has begun is over; what waits for messages is refused. */
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
      if (isAlone(opened.native)) return await this.#health.during(body(opened));
      hold(opened.addon);
      try {
        return await this.#health.during(body(opened));
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
