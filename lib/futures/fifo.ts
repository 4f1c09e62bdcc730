/**
 * First in, first out, each at constant cost, and nothing kept of what has been taken: one list is
 * filled while another is emptied.
 */
export class Fifo<T extends object> {
  #emptied: (T | undefined)[] = [];
  #taken = 0;
  #filled: T[] = [];

  /** The oldest entry; undefined when there is none. */
  get first(): T | undefined {
    if (this.#taken === this.#emptied.length) {
      this.#emptied = this.#filled;
      this.#filled = [];
      this.#taken = 0;
    }
    return this.#emptied[this.#taken];
  }

  /** Adds one at the end. */
  push(value: T): void {
    this.#filled.push(value);
  }

  /** Takes the first away. */
  drop(): void {
    if (this.first === undefined) return;
    this.#emptied[this.#taken++] = undefined;
  }

  /** Takes the first away, and returns it. */
  take(): T | undefined {
    const { first } = this;
    this.drop();
    return first;
  }

  /** Takes all away, and returns them. */
  clear(): T[] {
    const all = [...(this.#emptied.slice(this.#taken) as T[]), ...this.#filled];
    this.#emptied = [];
    this.#filled = [];
    this.#taken = 0;
    return all;
  }
}
