interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A condition that several callers wait for: a count that reaches its end, a set that is complete. */
export class Condition {
  readonly #holds: () => boolean;
  #waiting: Waiting[] = [];

  /** @param holds - returns true if the condition is met now; called by {@link wait} and {@link check} */
  constructor(holds: () => boolean) {
    this.#holds = holds;
  }

  /** Resolves when the condition is met, which may be now; rejects after {@link fail}. */
  wait(): Promise<void> {
    if (this.#holds()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** To be called after each change that may have met the condition. */
  check(): void {
    if (this.#waiting.length === 0 || !this.#holds()) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** Rejects all current waits, because the condition will not be met. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
