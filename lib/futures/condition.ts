interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Something that many wait for: a count that comes to its end, a set that is complete. */
export class Condition {
  readonly #holds: () => boolean;
  #waiting: Waiting[] = [];

  /** @param holds - tells if the condition is met now; asked by {@link wait} and {@link check} */
  constructor(holds: () => boolean) {
    this.#holds = holds;
  }

  /** Resolved when the condition is met, which may be now; rejected by {@link fail}. */
  wait(): Promise<void> {
    if (this.#holds()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** To be called with each change that may have met the condition. */
  check(): void {
    if (this.#waiting.length === 0 || !this.#holds()) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** Those that wait will wait in vain: their promises are rejected. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
