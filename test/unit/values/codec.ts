/** The codec as tests use it: both sides in one process. */

import {
  noFunctions,
  type AnyFunction,
  type FunctionsIn,
  type FunctionsOut,
  type ReceivedFunction,
  type SentFunction,
} from '../../../lib/values/functions_in_out.js';
import { roots, type Root } from '../../../lib/values/refusing/paths.js';
import {
  decodeStructure,
  encodeStructure,
  type EncodedStructure,
} from '../../../lib/values/structure.js';

interface Closure {
  captured: Record<string, unknown>;
  make(): ReceivedFunction;
}

interface Bound {
  target: AnyFunction;
  self: unknown;
  args: unknown[];
}

/** Functions that are all known by a number. */
export class Functions implements FunctionsOut, FunctionsIn {
  readonly #ids = new Map<object, number>();
  readonly #known: object[] = [];
  readonly #closures = new Map<AnyFunction, Closure>();
  readonly #bound = new Map<AnyFunction, Bound>();
  readonly #wellKnown = new Set<object>([Math, JSON, process, globalThis, console]);
  readonly #builtIn = new Set<unknown>();
  readonly sent: AnyFunction[] = [];

  /** Has `fn` travel with its captured variables. */
  closure<T>(fn: T, captured: Record<string, unknown>, make: () => ReceivedFunction): T {
    this.#closures.set(fn as AnyFunction, { captured, make });
    return fn;
  }

  bind(target: AnyFunction, self: unknown, ...args: unknown[]): AnyFunction {
    const fn = Function.prototype.bind.call(target, self, ...args) as AnyFunction;
    this.#bound.set(fn, { target, self, args });
    return fn;
  }

  everywhere(object: object): void {
    this.#wellKnown.add(object);
  }

  builtIn(...classes: unknown[]): void {
    for (const each of classes) this.#builtIn.add(each);
  }

  send(fn: AnyFunction): SentFunction {
    this.sent.push(fn);
    const bound = this.#bound.get(fn);
    if (bound !== undefined) return { kind: 'bound', ...bound };
    const captured = this.#closures.get(fn)?.captured ?? {};
    return {
      kind: 'function',
      id: this.#idOf(fn),
      captured: Object.values(captured),
      capturedNames: Object.keys(captured),
      isClass: false,
      hasPrivateMembers: /#\w/.test(String(fn)),
    };
  }

  isBuiltIn(fn: AnyFunction): boolean {
    return this.#builtIn.has(fn) || noFunctions.isBuiltIn(fn);
  }

  wellKnown(object: object): number;
  wellKnown(id: number): object;
  wellKnown(what: object | number): object | number | undefined {
    if (typeof what === 'number') return this.#get(what);
    return this.#wellKnown.has(what) ? this.#idOf(what) : undefined;
  }

  receive(id: number): ReceivedFunction {
    const fn = this.#get(id) as AnyFunction;
    return this.#closures.get(fn)?.make() ?? { fn };
  }

  #idOf(object: object): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const id = this.#known.push(object) + 99;
    this.#ids.set(object, id);
    return id;
  }

  #get(id: number): object {
    const object = this.#known[id - 100];
    if (object === undefined) return noFunctions.wellKnown(id);
    return object;
  }
}

export function snapshot(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

export function encode(
  value: unknown,
  functions: FunctionsOut = new Functions(),
  root: Root = roots.value,
): EncodedStructure {
  return encodeStructure(value, { snapshot, functions, root });
}

export function decode(
  { bytes, buffers }: EncodedStructure,
  functions: FunctionsIn = noFunctions,
): unknown {
  return decodeStructure(bytes, buffers, functions);
}

/** `value` as it is on the other side. */
export function roundTrip<T>(value: T, functions = new Functions()): T {
  return decode(encode(value, functions), functions) as T;
}

/** The message with which a value is refused. */
export function refusal(
  value: unknown,
  functions: FunctionsOut = new Functions(),
  root: Root = roots.value,
): string {
  try {
    encode(value, functions, root);
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataCloneError', code: 'ERR_DATA_CLONE' });
    return (error as Error).message;
  }
  throw new Error('The value was not refused');
}
