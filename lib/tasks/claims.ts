/**
 * Decides who has a task that was sent to a worker and waits there: the side that claims it first. The worker claims a task when it
 * begins it, the master when it calls it back. The two share the memory, so a claim needs no message, and no answer: the master can
 * claim while the worker computes, and when it has died.
 *
 * Each task has a place in the memory, a word that it shares with other tasks: `id % claimPlaces`. The word is the id of the latest
 * task of this place that was claimed. A worker has one task of a place at a time (lib/pool/sent_tasks.ts), and later tasks have
 * larger ids. So each id is claimed once, by one side, even if the message with a task that was called back arrives long afterwards.
 */

/** More than a scheduler has outstanding at one worker. */
export const claimPlaces = 512;

/** Bytes of the memory, which is all zero at first. */
export const claimsSize = 4 * claimPlaces;

// Read at import, before a task can replace them.
const { load, compareExchange } = Atomics;
const { Int32Array: Words } = globalThis;

/** One side's view of the claims on the tasks of one worker. */
export class Claims {
  readonly #words: Int32Array;

  /** @param memory of {@link claimsSize} bytes, which the other side has too */
  constructor(memory: ArrayBufferLike) {
    this.#words = new Words(memory);
  }

  /** True if the task is this side's from now on; false if the other one was first. */
  claim(id: number): boolean {
    const place = id & (claimPlaces - 1);
    const latest = load(this.#words, place);
    if (!isLater(id, latest)) return false;
    return compareExchange(this.#words, place, latest, id | 0) === latest;
  }

  /** True if one of the sides has claimed the task. */
  has(id: number): boolean {
    return !isLater(id, load(this.#words, id & (claimPlaces - 1)));
  }

  /** Begins anew: the other side has ended, and nothing that was sent to it counts any more. */
  clear(): void {
    this.#words.fill(0);
  }
}

/** Compares the low 32 bits of the ids, which wrap around. */
function isLater(id: number, other: number): boolean {
  return ((id - other) | 0) > 0;
}
