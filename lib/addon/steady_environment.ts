/**
 * `process.env` while MPI starts. MPI_Init runs in a thread of its own and sets variables, Open MPI's some thirty. In the C library of
 * most systems (glibc before 2.41) that may move the table of variables while another thread looks into it: the process crashes,
 * by SIGSEGV in getenv (1 of some 700 processes of a busy machine). Meanwhile JavaScript has a copy.
 */

import { isMainThread } from 'node:worker_threads';

/**
 * Calls a function, and until what it returns has settled `process.env` is a copy. What the program changes there is done then. Where
 * `process.env` is a copy anyway, in a thread, nothing is done.
 */
export function withSteadyEnvironment<T>(start: () => Promise<T>): Promise<T> {
  if (!isMainThread) return start();
  const real = process.env;
  const copy = new EnvironmentCopy(real);
  process.env = copy.variables;
  const end = () => {
    copy.end();
    if (process.env === copy.variables) process.env = real;
  };
  try {
    return start().finally(end);
  } catch (error) {
    end();
    throw error;
  }
}

class EnvironmentCopy {
  /** Stands for `process.env`; for the real one once the copy has ended, since the program may have kept it. */
  readonly variables: NodeJS.ProcessEnv;
  readonly #real: NodeJS.ProcessEnv;
  readonly #changed = new Set<string>();
  #current: NodeJS.ProcessEnv;

  constructor(real: NodeJS.ProcessEnv) {
    this.#real = real;
    this.#current = { ...real };
    this.variables = new Proxy<NodeJS.ProcessEnv>({}, this.#handler());
  }

  end(): void {
    const copy = this.#current;
    this.#current = this.#real;
    for (const name of this.#changed) {
      if (Object.hasOwn(copy, name)) this.#real[name] = copy[name];
      else Reflect.deleteProperty(this.#real, name);
    }
  }

  #handler(): ProxyHandler<NodeJS.ProcessEnv> {
    return {
      get: (_, name) => Reflect.get(this.#current, name) as unknown,
      has: (_, name) => Reflect.has(this.#current, name),
      ownKeys: () => Reflect.ownKeys(this.#current),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(this.#current, name),
      set: (_, name, value) => this.#set(name, value),
      defineProperty: (_, name, { value }) => this.#set(name, value),
      deleteProperty: (_, name) => {
        if (typeof name === 'string') this.#changed.add(name);
        return Reflect.deleteProperty(this.#current, name);
      },
    };
  }

  /** @throws {TypeError} for a symbol, as `process.env` does */
  #set(name: string | symbol, value: unknown): boolean {
    if (typeof name === 'symbol' || typeof value === 'symbol')
      throw new TypeError('Cannot convert a Symbol value to a string');
    this.#current[name] = String(value);
    this.#changed.add(name);
    return true;
  }
}
