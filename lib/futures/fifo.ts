/**
 * A queue with constant cost for each operation, which keeps no reference to entries that were taken: one list is
 * filled while another is emptied.
 */
export class Fifo<T extends object> {
  #emptied: (T | undefined)[] = [];
  #taken = 0;
  #filled: T[] = [];

  /** The oldest entry; undefined if there is none. */
  get first(): T | undefined {
    if (this.#taken === this.#emptied.length) {
      this.#emptied = this.#filled;
      this.#filled = [];
      this.#taken = 0;
    }
    return this.#emptied[this.#taken];
  }

  /** The number of entries. */
  get size(): number {
    return this.#emptied.length - this.#taken + this.#filled.length;
  }

  /** Adds an entry at the end. */
  push(value: T): void {
    this.#filled.push(value);
  }

  /** Removes the first entry. */
  drop(): void {
    if (this.first === undefined) return;
    this.#emptied[this.#taken++] = undefined;
  }

  /** Removes the first entry and returns it. */
  take(): T | undefined {
    const { first } = this;
    this.drop();
    return first;
  }

  /** Removes all entries and returns them. */
  clear(): T[] {
    const all = [...(this.#emptied.slice(this.#taken) as T[]), ...this.#filled];
    this.#emptied = [];
    this.#filled = [];
    this.#taken = 0;
    return all;
  }
}
