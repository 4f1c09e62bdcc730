/** Lets operations fail that wait for a process which is gone. */

/** The state of a communicator and of those made of it: usable, until {@link fail} says why not. */
export class Health {
  readonly #waiting = new Set<(error: Error) => void>();
  #illness: Error | undefined;

  /** A process of it is gone: what waits for that would wait for ever. */
  fail(error: Error): void {
    this.#illness ??= error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** @throws what {@link fail} was called with */
  check(): void {
    if (this.#illness !== undefined) throw this.#illness;
  }

  /** Settles as `operation` does, unless {@link fail} comes first. */
  during<T>(operation: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      void operation.then(resolve, reject).finally(() => {
        this.#waiting.delete(reject);
      });
    });
  }
}
