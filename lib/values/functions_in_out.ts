/** The codec's view of functions; lib/functions knows how they are sent and received. */

import { DataCloneError } from '../errors.js';

/** A function of any signature, which is never called without a cast. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function in the form in which it is sent. */
export type SentFunction =
  | {
      readonly kind: 'function';
      readonly id: number;
      /**
       * The values of its captured variables, read now, and its number; none for a function that is known by its id alone.
       */
      readonly captured: readonly unknown[];
      /** The names of the captured variables, for error messages. */
      readonly capturedNames: readonly string[];
      /** True for a class, which may need captured variables while it is being made, to extend one of them. */
      readonly isClass: boolean;
      /** True for a class whose instances cannot be made without its constructor. */
      readonly hasPrivateMembers: boolean;
    }
  | {
      readonly kind: 'bound';
      readonly target: AnyFunction;
      readonly self: unknown;
      readonly args: readonly unknown[];
    };

/** The functions and well-known objects that are sent. */
export interface FunctionsOut {
  /** @throws {DataCloneError} for a function that cannot be sent */
  send(fn: AnyFunction): SentFunction;
  /** True if `fn` is defined by Node.js or V8 itself. */
  isBuiltIn(fn: AnyFunction): boolean;
  /** The id of an object that every process has, such as `Math` or `fs`; undefined for others. */
  wellKnown(object: object): number | undefined;
}

/** A copy of `functions` that sends by `send`. */
export function sendingBy(functions: FunctionsOut, send: FunctionsOut['send']): FunctionsOut {
  return {
    send,
    isBuiltIn: (fn) => functions.isBuiltIn(fn),
    wellKnown: (object) => functions.wellKnown(object),
  };
}

/** A function that was received. */
export interface ReceivedFunction {
  readonly fn: AnyFunction;
  /** Assigns the captured variables; called once, when all values have been read. */
  readonly assign?: (captured: readonly unknown[]) => void;
}

/** The functions and well-known objects that are received. */
export interface FunctionsIn {
  /**
   * The function that the peer calls `id`; its captured variables are not yet assigned.
   *
   * @param hasContent - true if captured variables or a number follow: it is a function of its own
   * @param early - for a class: those of its captured variables that are functions or primitive values
   * @throws {DataCloneError} for an unknown id
   */
  receive(id: number, hasContent: boolean, early?: readonly unknown[]): ReceivedFunction;
  /** @throws {DataCloneError} for an unknown id */
  wellKnown(id: number): object;
  /** The name of the function that the peer calls `id`; '' for an unknown one. */
  nameOf?(id: number): string;
}

/** For values without functions and class instances, which are refused. */
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
