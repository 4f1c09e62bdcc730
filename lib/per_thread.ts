/**
 * A value that all copies of this package in one thread share, since a program may have a copy of its own. It is a
 * property of globalThis whose key is a registered symbol. Values that exist once per process are in
 * lib/addon/per_process.ts.
 */
export class PerThread<T> {
  readonly #key: symbol;

  /** @param name - identifies the value in all copies */
  constructor(name: string) {
    this.#key = Symbol.for(`mpi-futures.${name}`);
  }

  /** Undefined if no copy has set it. */
  get value(): T | undefined {
    return globals[this.#key] as T | undefined;
  }

  set value(value: T | undefined) {
    globals[this.#key] = value;
  }
}

const globals = globalThis as unknown as Record<symbol, unknown>;
