/** Tags for contents that follow their packets: no two at once to one rank have the same. */

import { MPIError } from '../../errors.js';
import { tags } from './envelope.js';

const { first, count } = tags.contents;

/** The tags in use, by destination. */
export class ContentsTags {
  readonly #next = new Map<number, number>();
  /** Of destination and tag. */
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
    throw new MPIError(`${count} large messages to rank ${dest} have not been received yet`, {
      call: 'send',
      errorCode: 0,
      errorClass: 0,
      errorString: 'too many messages',
    });
  }

  free(dest: number, tag: number): void {
    this.#taken.delete(dest * count + tag - first);
  }
}
