/** Objects whose contents are still to be written or read, in the order of their turns. */
export class ContentQueue {
  #objects: object[] = [];
  /** What content each of them has. */
  #kinds: number[] = [];
  #next = 0;

  add(object: object, kind: number): void {
    this.#objects.push(object);
    this.#kinds.push(kind);
  }

  /** Calls `visit` for each, also for those that are added meanwhile. */
  drain(visit: (object: object, kind: number) => void): void {
    while (this.#next < this.#objects.length) {
      const kind = this.#kinds[this.#next]!;
      visit(this.#objects[this.#next++]!, kind);
    }
  }

  clear(): void {
    if (this.#objects.length === 0) return;
    this.#objects = [];
    this.#kinds = [];
    this.#next = 0;
  }
}
