/**
 * A ring of small messages from one thread to another, in memory that both have. A MessagePort needs a serializer, two buffers and
 * a wake-up for each message, which costs more than a short task.
 *
 * One thread writes and one reads, and neither waits. A record is its length, its number and its bytes, in one piece. A writer
 * that finds no room for one sends it another way, under the number that it would have had here: so the reader knows what to
 * look for elsewhere.
 */

/** Bytes of all records of a ring. */
const capacity = 1 << 17;

/** Bytes of the longest message that goes by a ring: a longer one is cheaper to hand over than to copy twice. */
const longest = 1 << 14;

/** Words before the records. Each is written by one side; the reader's are a cache line away from the writer's. */
const place = { written: 0, elsewhere: 1, read: 16, sleeps: 17 } as const;
const headerSize = 128;

/** Bytes of the memory, which is all zero at first. */
export const threadRingSize = headerSize + capacity;

/** Before the bytes of a record: its length in bytes and its number. */
const recordHeader = 8;

/** In place of a length: the next record is at the beginning. */
const wraps = -1;

// Read at import, before a task can replace them.
const { load, store, exchange, add } = Atomics;
const { Int32Array: Words, Uint8Array: Bytes } = globalThis;

function recordSize(length: number): number {
  return recordHeader + ((length + 7) & ~7);
}

class RingMemory {
  protected readonly words: Int32Array;
  protected readonly records: Int32Array;
  protected readonly bytes: Uint8Array;

  /** @param memory of {@link threadRingSize} bytes, which the other thread has too */
  constructor(memory: SharedArrayBuffer) {
    this.words = new Words(memory, 0, headerSize / 4);
    this.records = new Words(memory, headerSize);
    this.bytes = new Bytes(memory, headerSize);
  }
}

/** The writing thread's view. Positions count bytes, and wrap around at 2 ** 32. */
export class ThreadRingWriter extends RingMemory {
  #written = 0;

  /** Writes a message. Returns false, and does nothing, if it is too long or there is no room. */
  write(number: number, payload: Uint8Array, length: number): boolean {
    if (length > longest) return false;
    const size = recordSize(length);
    let at = this.#written & (capacity - 1);
    const toEnd = capacity - at;
    const skipped = toEnd < size ? toEnd : 0;
    const used = (this.#written - load(this.words, place.read)) | 0;
    if (used + skipped + size > capacity) return false;
    if (skipped > 0) {
      this.records[at >> 2] = wraps;
      at = 0;
    }
    this.records[at >> 2] = length;
    this.records[(at >> 2) + 1] = number;
    this.bytes.set(
      payload.length === length ? payload : payload.subarray(0, length),
      at + recordHeader,
    );
    this.#written = (this.#written + skipped + size) | 0;
    store(this.words, place.written, this.#written);
    return true;
  }

  /** Tells the reader that a message was sent another way. Called afterwards. */
  sentElsewhere(): void {
    add(this.words, place.elsewhere, 1);
  }

  /** True if the reader must be woken, by the one who asks. */
  mustWake(): boolean {
    return load(this.words, place.sleeps) === 1 && exchange(this.words, place.sleeps, 0) === 1;
  }
}

/** The reading thread's view. */
export class ThreadRingReader extends RingMemory {
  #read = 0;
  /** The number of messages that were taken elsewhere. */
  #elsewhere = 0;

  /** The number of the next message here; undefined if there is none. */
  get next(): number | undefined {
    if (load(this.words, place.written) === this.#read) return undefined;
    let at = this.#read & (capacity - 1);
    if (this.records[at >> 2] === wraps) {
      this.#read = (this.#read + capacity - at) | 0;
      at = 0;
    }
    return this.records[(at >> 2) + 1];
  }

  /**
   * Takes the message that {@link next} has found; the bytes belong to the caller. Returns undefined if none can be there: the memory
   * is damaged.
   */
  take(): Uint8Array | undefined {
    const at = this.#read & (capacity - 1);
    const length = this.records[at >> 2]!;
    if (length < 0 || length > longest) return undefined;
    const copy = new Bytes(length);
    copy.set(this.bytes.subarray(at + recordHeader, at + recordHeader + length));
    this.#read = (this.#read + recordSize(length)) | 0;
    store(this.words, place.read, this.#read);
    return copy;
  }

  /** True if a message that was sent another way was not yet taken there. */
  get hasElsewhere(): boolean {
    return ((load(this.words, place.elsewhere) - this.#elsewhere) | 0) > 0;
  }

  /** Notes that a message was taken that had been sent another way. */
  tookElsewhere(): void {
    this.#elsewhere = (this.#elsewhere + 1) | 0;
  }

  /** True if there is something to read, here or elsewhere. */
  get hasMore(): boolean {
    return load(this.words, place.written) !== this.#read || this.hasElsewhere;
  }

  /** Asks to be woken. Returns false, and asks for nothing, if there is something to read already. */
  sleep(): boolean {
    store(this.words, place.sleeps, 1);
    if (!this.hasMore) return true;
    this.wake();
    return false;
  }

  /** Says that the reader need not be woken. */
  wake(): void {
    store(this.words, place.sleeps, 0);
  }
}
