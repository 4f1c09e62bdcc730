/** Waiting that an error can end, where what is waited for may never come. */
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

  /** Rejects all that is waited for now. */
  fail(error: Error): void {
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}
