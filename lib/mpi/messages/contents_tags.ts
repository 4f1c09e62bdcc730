/** Gives tags to contents that are sent after their packet: no two pending ones to a rank have the same tag. */

import { MPIError } from '../../errors.js';
import { tags } from './envelope.js';

const { first, count } = tags.contents;

/** The tags in use, by destination. */
export class ContentsTags {
  readonly #next = new Map<number, number>();
  /** Destination and tag of each, as one number. */
  readonly #taken = new Set<number>();

  take(dest: number): number {
    const start = this.#next.get(dest) ?? 0;
    for (let step = 0; step < count; step++) {
      const number = (start + step) % count;
      const key = dest * count + number;
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      this.#next.set(dest, number + 1);
      return first + number;
    }
    throw new MPIError(
      `${count} large messages to rank ${dest} have not been received yet: wait for some of them before you send more`,
      {
        call: 'send',
        errorCode: 0,
        errorClass: 0,
        errorString: 'too many messages',
      },
    );
  }

  free(dest: number, tag: number): void {
    this.#taken.delete(dest * count + tag - first);
  }
}
