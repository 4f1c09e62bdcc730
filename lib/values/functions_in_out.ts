/** The codec's view of functions: how they are sent and received is known elsewhere (lib/functions). */

import { DataCloneError } from '../errors.js';

/** A function of any signature, which is never called without a cast. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function as it is sent. */
export type SentFunction =
  | {
      readonly kind: 'function';
      readonly id: number;
      /** The values of its captured variables, read now. */
      readonly captured: readonly unknown[];
      /** Their names, for error messages. */
      readonly capturedNames: readonly string[];
      /** A class: it may need captured variables while it is being made, to extend one of them. */
      readonly isClass: boolean;
      /** Of a class: instances cannot be made without its constructor. */
      readonly hasPrivateMembers: boolean;
    }
  | {
      readonly kind: 'bound';
      readonly target: AnyFunction;
      readonly self: unknown;
      readonly args: readonly unknown[];
    };

/** Functions and well-known objects on their way out. */
export interface FunctionsOut {
  /** @throws {DataCloneError} for a function that cannot be sent */
  send(fn: AnyFunction): SentFunction;
  /** True if `fn` is defined by Node.js or V8 itself. */
  isBuiltIn(fn: AnyFunction): boolean;
  /** Id of an object that every process has, such as `Math` or `fs`, if it is one. */
  wellKnown(object: object): number | undefined;
}

/** As `functions`, but sending them by `send`. */
export function sendingBy(functions: FunctionsOut, send: FunctionsOut['send']): FunctionsOut {
  return {
    send,
    isBuiltIn: (fn) => functions.isBuiltIn(fn),
    wellKnown: (object) => functions.wellKnown(object),
  };
}

/** A function that has arrived. */
export interface ReceivedFunction {
  readonly fn: AnyFunction;
  /** Assigns the captured variables; called once, when all values are there. */
  readonly assign?: (captured: readonly unknown[]) => void;
}

/** Functions and well-known objects on their way in. */
export interface FunctionsIn {
  /**
   * The function that the peer calls `id`, its captured variables not yet assigned.
   *
   * @param early - for a class: those of its captured variables that are functions or primitive values
   * @throws {DataCloneError} for an id that is not known
   */
  receive(id: number, early?: readonly unknown[]): ReceivedFunction;
  /** @throws {DataCloneError} for an id that is not known */
  wellKnown(id: number): object;
  /** The name of the function that the peer calls `id`; '' where it is not known. */
  nameOf?(id: number): string;
}

/** For values without functions and class instances: both are refused. */
export const noFunctions: FunctionsOut & FunctionsIn = {
  send() {
    throw new DataCloneError('functions and instances of classes cannot be sent here');
  },
  isBuiltIn(fn) {
    return isNative(fn) || (globalThis as Record<string, unknown>)[fn.name] === fn;
  },
  wellKnown(object: object | number): never {
    if (typeof object === 'number') throw new DataCloneError('No functions can be received here');
    return undefined as never;
  },
  receive() {
    throw new DataCloneError('No functions can be received here');
  },
};

function isNative(fn: AnyFunction): boolean {
  return Function.prototype.toString.call(fn).endsWith('{ [native code] }');
}
