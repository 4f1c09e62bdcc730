/**
 * `process.env` while MPI starts. MPI_Init runs in a thread of its own and sets variables, Open MPI's some thirty. In the C library of
 * most systems (glibc before 2.41) a new variable may move the table of all while another thread looks into it: the process
 * crashes, by SIGSEGV in getenv (1 of some 700 processes of a busy machine). So JavaScript has a copy until MPI has started.
 */

import { readFileSync } from 'node:fs';
import { inspect, parseEnv } from 'node:util';
import { isMainThread } from 'node:worker_threads';

import { sendAsEnvironment } from '../values/environment.js';

/**
 * Calls a function, and makes `process.env` a copy until the promise that it returns has settled. What the program has changed in
 * the copy is then done in the real one. In a thread, where `process.env` is a copy anyway, this only calls the function.
 */
export function withSteadyEnvironment<T>(start: () => Promise<T>): Promise<T> {
  if (!isMainThread) return start();
  const { env: real } = process;
  const ofNode = Object.getOwnPropertyDescriptor(process, 'loadEnvFile');
  const copy = new EnvironmentCopy(real);
  const fileIntoCopy = (file: string | URL | Buffer = '.env') => {
    for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8'))))
      copy.variables[name] ??= value;
  };
  process.env = copy.variables;
  process.loadEnvFile = fileIntoCopy; // Node.js's own writes to the real one
  const end = () => {
    copy.end();
    if (process.env === copy.variables) process.env = real;
    if (ofNode !== undefined && process.loadEnvFile === fileIntoCopy)
      Object.defineProperty(process, 'loadEnvFile', ofNode);
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
  /** The names of the variables in the real one, read before MPI starts: reading it now could crash, too. */
  readonly #before: ReadonlySet<string>;
  readonly #changed = new Set<string>();
  #current: NodeJS.ProcessEnv;

  constructor(real: NodeJS.ProcessEnv) {
    this.#real = real;
    this.#current = { ...real };
    this.#before = new Set(Object.keys(this.#current));
    // util.inspect looks at the target.
    const shown = { value: () => ({ ...this.#current }), configurable: true };
    const target = Object.defineProperty({}, inspect.custom, shown);
    this.variables = new Proxy<NodeJS.ProcessEnv>(target, this.#handler());
    sendAsEnvironment(this.variables);
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
      get: (target, name) =>
        name === inspect.custom
          ? (Reflect.get(target, name) as unknown)
          : (Reflect.get(this.#current, name) as unknown),
      has: (_, name) => Reflect.has(this.#current, name),
      ownKeys: () => Reflect.ownKeys(this.#current),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(this.#current, name),
      // An assignment ends here, too, unless it is to an object that inherits from this one.
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
    const text = String(value);
    // Another value of the same variable moves nothing. TZ is set in any case, because dates follow it at once; one look is a small risk.
    if (name === 'TZ' || this.#before.has(name)) this.#real[name] = text;
    this.#current[name] = text;
    this.#changed.add(name);
    return true;
  }
}
