/** Waits that can be ended by an error, for operations that may never settle. */
export class UntilFailure {
  readonly #waiting = new Set<(error: Error) => void>();

  /** Settles as `operation` does, unless {@link fail} comes first. */
  during<T>(operation: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      void operation.then(resolve, reject).finally(() => {
        this.#waiting.delete(reject);
      });
    });
  }

  /** Rejects all current waits. */
  fail(error: Error): void {
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}
