/** Objects whose contents are still to be written or read, in the order of their turns. */

import type { Content } from './kinds/kind.js';

/** Pairs of an object and its content, first in, first out. */
export class ContentQueue {
  #objects: object[] = [];
  /** The content of each object. */
  #contents: Content[] = [];
  #next = 0;

  add(object: object, content: Content): void {
    this.#objects.push(object);
    this.#contents.push(content);
  }

  /** Calls `visit` for each pair, including those that are added meanwhile. */
  drain(visit: (object: object, content: Content) => void): void {
    while (this.#next < this.#objects.length) {
      const content = this.#contents[this.#next]!;
      visit(this.#objects[this.#next++]!, content);
    }
  }

  clear(): void {
    if (this.#objects.length === 0) return;
    this.#objects = [];
    this.#contents = [];
    this.#next = 0;
  }
}
