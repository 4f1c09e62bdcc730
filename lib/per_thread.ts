/**
 * A value that all copies of this package in one thread share, since a program may bring a copy of its own: a property of
 * globalThis that has a registered symbol for its name. What a process has once is in lib/addon/per_process.ts.
 */
export class PerThread<T> {
  readonly #key: symbol;

  /** @param name - the same in all copies */
  constructor(name: string) {
    this.#key = Symbol.for(`mpi-futures.${name}`);
  }

  /** Undefined where no copy has set it. */
  get value(): T | undefined {
    return globals[this.#key] as T | undefined;
  }

  set value(value: T | undefined) {
    globals[this.#key] = value;
  }
}

const globals = globalThis as unknown as Record<symbol, unknown>;
