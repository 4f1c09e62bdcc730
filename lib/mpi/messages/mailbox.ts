/** Messages that have arrived through one communicator, and receives that wait for one. */

import type { Opened } from '../opened.js';
import { ANY_SOURCE, ANY_TAG } from '../constants.js';
import { envelopeOf, type Envelope } from './envelope.js';
import { onPackets } from '../../addon/packets.js';
import { toMpiError } from '../../addon/mpi_process.js';

interface Waiting {
  readonly source: number;
  readonly tag: number;
  /** True if the message is to stay for a later receive. */
  readonly onlyLooks: boolean;
  readonly resolve: (envelope: Envelope) => void;
  readonly reject: (error: unknown) => void;
}

/** The messages of one communicator that nobody has received yet, or the receives that wait, each in its order. */
export class Mailbox {
  readonly #open: () => Promise<Opened>;
  /** In order of arrival. */
  readonly #messages: Envelope[] = [];
  /** In the order of the calls. */
  #waiting: Waiting[] = [];
  /** The reason why nothing more comes from a source, by rank. */
  readonly #cutOff = new Map<number, unknown>();
  #listening = false;
  #closed = false;

  constructor(open: () => Promise<Opened>) {
    this.#open = open;
  }

  /**
   * Resolves to the first message that matches; receives are served in the order of the calls. With `onlyLooks` the
   * message stays to be received.
   */
  take(source: number, tag: number, onlyLooks: boolean): Promise<Envelope> {
    return new Promise((resolve, reject) => {
      const waiting = { source, tag, onlyLooks, resolve, reject };
      const at = this.#messages.findIndex((envelope) => fits(envelope, waiting));
      if (at >= 0) {
        resolve(this.#messages[at]!);
        if (!onlyLooks) this.#messages.splice(at, 1);
        return;
      }
      if (this.#cutOff.has(source)) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is an Error of MPI
        reject(this.#cutOff.get(source));
        return;
      }
      this.#waiting.push(waiting);
      this.#listen();
    });
  }

  /** Rejects receives that wait, and all later ones. */
  close(reason: () => Error): void {
    this.#closed = true;
    this.#failAll(reason);
    this.#stop();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#open().then(
      ({ addon, native }) => {
        onPackets(native.id, (source, packet) => {
          if (packet instanceof Error) this.#isCutOff(source, packet);
          else this.#arrived(envelopeOf(source, packet));
        });
        if (this.#listening) addon.listen(native.id, true);
      },
      (error: unknown) => {
        this.#listening = false;
        this.#failAll(() => error);
      },
    );
  }

  // While nobody receives, messages stay in MPI, so that senders of large ones wait.
  #stop(): void {
    if (!this.#listening || (this.#waiting.length > 0 && !this.#closed)) return;
    this.#listening = false;
    void this.#open().then(({ addon, native }) => {
      if (!this.#listening) addon.listen(native.id, false);
    });
  }

  #arrived(envelope: Envelope): void {
    for (let index = 0; index < this.#waiting.length; index++) {
      const waiting = this.#waiting[index]!;
      if (!fits(envelope, waiting)) continue;
      this.#waiting.splice(index--, 1);
      waiting.resolve(envelope);
      if (this.#waiting.length === 0) setImmediate(() => this.#stop());
      if (!waiting.onlyLooks) return;
    }
    this.#messages.push(envelope);
  }

  /**
   * Rejects the receives that only this source could satisfy. A receive of any source that waits may wait for this one,
   * and fails, too; later ones wait for the other sources.
   */
  #isCutOff(source: number, reason: Error): void {
    const error = toMpiError(reason);
    this.#cutOff.set(source, error);
    const waiting = this.#waiting;
    const concerned = (from: number): boolean => from === source || from === ANY_SOURCE;
    this.#waiting = waiting.filter((each) => !concerned(each.source));
    for (const each of waiting) if (concerned(each.source)) each.reject(error);
    this.#stop();
  }

  #failAll(reason: () => unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(reason());
  }
}

function fits(envelope: Envelope, { source, tag }: Waiting): boolean {
  return (
    (source === ANY_SOURCE || source === envelope.source) &&
    (tag === ANY_TAG || tag === envelope.tag)
  );
}
