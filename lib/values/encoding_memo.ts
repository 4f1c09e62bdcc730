/**
 * Remembers what was found out about functions and classes while one value is encoded. The memo outlives an attempt to
 * encode the value.
 */

import { adviceOfClass, packIt } from './refusing/explanations.js';
import type { AnyFunction, FunctionsOut, SentFunction } from './functions_in_out.js';
import type { Kind, PackingOrder, Prototype, ValueMemo } from './kinds/kind.js';
import { pack, unpack } from './pack.js';
import { Prototypes } from './prototypes.js';
import { Refusal, withArticle } from './refusing/refusals.js';

/** Objects whose getters were already called, each with a copy that has the values. */
export type Readings = ReadonlyMap<object, object>;

/** Looks up the functions and classes in one value, each once. */
export class EncodingMemo implements ValueMemo {
  readonly functions: FunctionsOut;
  readonly prototypes: Prototypes;
  packing: PackingOrder | undefined;
  readonly #readings: Readings | undefined;
  #sent: Map<AnyFunction, SentFunction> | undefined;
  #leftOut: Map<object, Set<string>> | undefined;
  /** The number of properties of errors that were left out. */
  leftOut = 0;

  constructor(functions: FunctionsOut, readings?: Readings) {
    this.functions = functions;
    this.#readings = readings;
    this.prototypes = new Prototypes(functions);
  }

  /** The object from which the properties of `object` are read: a copy, if its getters were already called. */
  asRead<T extends object>(object: T): T {
    return this.#readings === undefined
      ? object
      : ((this.#readings.get(object) as T | undefined) ?? object);
  }

  /** @throws {Refusal} if `fn` cannot be sent */
  send(fn: AnyFunction): SentFunction {
    const known = this.#sent?.get(fn);
    if (known !== undefined) return known;
    let sent: SentFunction;
    try {
      sent = this.functions.send(fn);
    } catch (cause) {
      throw new Refusal(fn, cause instanceof Error ? cause.message : String(cause), cause);
    }
    this.#sent ??= new Map();
    this.#sent.set(fn, sent);
    return sent;
  }

  /** Sends `fn`; returns undefined if it cannot be sent. */
  trySend(fn: AnyFunction): SentFunction | undefined {
    try {
      return this.send(fn);
    } catch (refusal) {
      if (refusal instanceof Refusal) return undefined;
      throw refusal;
    }
  }

  /** The form in which `fn` was sent, if it was. */
  sent(fn: AnyFunction): SentFunction | undefined {
    return this.#sent?.get(fn);
  }

  /** Calls `[pack]()`. */
  pack(object: object, prototype: Prototype): unknown {
    const ofClass = this.classOf(object, prototype);
    if (typeof (ofClass as { [unpack]?: unknown })[unpack] !== 'function')
      throw new Refusal(object, `its class ${prototype.name} has [pack] but no static [unpack]`);
    try {
      return (object as { [pack](): unknown })[pack]();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Refusal(object, `its [pack]() failed: ${message}`, cause);
    }
  }

  /**
   * The class of `object`, whose instances can be made without its constructor.
   *
   * @throws {Refusal} if they cannot
   */
  classOf(object: object, prototype: Prototype): AnyFunction {
    const { ofClass } = prototype;
    if (ofClass === undefined)
      throw new Refusal(
        object,
        'an object whose prototype belongs to no class cannot be sent; send a plain copy: { ...object }',
      );
    if (!prototype.checked && !prototype.packs) this.#check(object, prototype);
    return ofClass;
  }

  /**
   * The program's class of an object of a built-in kind; undefined if it is an instance of a built-in class.
   *
   * @throws {Refusal} also where its prototype belongs to something else
   */
  classOfBuiltIn(object: object, prototype: Prototype, kind: Kind): AnyFunction | undefined {
    if (!prototype.builtIn) return this.classOf(object, prototype);
    if (prototype.kind !== kind)
      throw new Refusal(object, 'an object whose prototype was replaced cannot be sent');
    return undefined;
  }

  #check(object: object, prototype: Prototype): void {
    for (let each: Prototype | null = prototype; each !== null; each = each.parent) {
      const hint = each.ofClass && adviceOfClass(each.ofClass);
      if (hint !== undefined)
        throw new Refusal(object, `${withArticle(prototype.name)} cannot be sent: ${hint}`);
    }
    for (let each: Prototype | null = prototype; each !== null; each = each.parent) {
      if (each.builtIn) break;
      if (each.ofClass === undefined)
        throw new Refusal(
          object,
          'an object whose prototype belongs to no class cannot be sent; send a plain copy: { ...object }',
        );
      const sent = this.send(each.ofClass);
      if (sent.kind === 'function' && sent.hasPrivateMembers) {
        prototype.hasPrivateMembers = true;
        throw new Refusal(
          object,
          `${withArticle(prototype.name)} cannot be sent: ${each === prototype ? 'its class' : each.name} has #private members; ${packIt}`,
        );
      }
    }
    prototype.checked = true;
  }

  /** Leaves out the property `key` of `error`. */
  leaveOut(error: object, key: string): void {
    this.#leftOut ??= new Map();
    const keys = this.#leftOut.get(error) ?? new Set();
    this.#leftOut.set(error, keys.add(key));
    this.leftOut++;
  }

  isLeftOut(error: object, key: string): boolean {
    return this.#leftOut?.get(error)?.has(key) === true;
  }
}
