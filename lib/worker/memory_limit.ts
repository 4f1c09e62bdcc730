/** Tells when a worker has so much memory that its master is to replace it. */

import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

// As it was before any task could replace it.
const residentSize = process.memoryUsage.rss.bind(process.memoryUsage);

/** Milliseconds between two looks: one costs a process some 20 µs. */
const pause = 10;

/** The limit that the first executor sets. */
export class MemoryLimit {
  #limit: number | undefined;
  #lookedAt = -Infinity;
  #isReached = false;

  /** Sets the bytes; `Infinity` is no limit. */
  set(limit: number): void {
    this.#limit ??= limit;
  }

  /** True once, at the first look that finds the limit exceeded. */
  isReached(now: number): boolean {
    const limit = this.#limit ?? Infinity;
    if (limit === Infinity || this.#isReached || now - this.#lookedAt < pause) return false;
    this.#lookedAt = now;
    return (this.#isReached = memory() > limit);
  }
}

/** The size in bytes: of a process, its resident memory; of a thread, its heap and its buffers, garbage included. */
function memory(): number {
  if (isMainThread) return residentSize();
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
