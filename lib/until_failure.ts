/** Waits for operations that may never settle, until an error ends the waits. */
export class UntilFailure {
  readonly #waiting = new Set<(error: unknown) => void>();
  #failure: { readonly error: unknown } | undefined;

  /** Rejects all waits with `error`: those that have begun, and later ones. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Reverses {@link fail} for later waits. */
  recover(): void {
    this.#failure = undefined;
  }

  /** @throws the error passed to {@link fail} */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Settles as `operation` does, unless {@link fail} comes first. */
  during<T>(operation: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      if (this.#failure !== undefined) this.fail(this.#failure.error);
      void operation.then(resolve, reject).finally(() => {
        this.#waiting.delete(reject);
      });
    });
  }
}
