import type { AnyFunction, FunctionsOut, SentFunction } from '../values/functions_in_out.js';

/**
 * Sends the functions of one value, and keeps them: without them, their definitions would be forgotten. A callee is sent as it was
 * read before, the others as they are now.
 */
export class KeptFunctions implements FunctionsOut {
  readonly #functions: FunctionsOut;
  readonly #keeps: object[];
  readonly #callee: AnyFunction | undefined;
  readonly #sent: SentFunction | undefined;

  constructor(functions: FunctionsOut, keeps: object[], callee?: AnyFunction, sent?: SentFunction) {
    this.#functions = functions;
    this.#keeps = keeps;
    this.#callee = callee;
    this.#sent = sent;
  }

  send(fn: AnyFunction): SentFunction {
    if (fn === this.#callee) return this.#sent!;
    this.#keeps.push(fn);
    return this.#functions.send(fn);
  }

  isBuiltIn(fn: AnyFunction): boolean {
    return this.#functions.isBuiltIn(fn);
  }

  wellKnown(object: object): number | undefined {
    return this.#functions.wellKnown(object);
  }
}
