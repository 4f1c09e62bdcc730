/** A call as it is sent: the function by its id, or with the variables it captures, and its arguments. */

import { programFunctions } from '../pool/functions.js';
import type { EncodedCall } from '../pool/pool_task.js';
import { taskFlags } from '../tasks/batches.js';
import { exactJson } from '../values/exact_json.js';
import { plainSnapshot, type Snapshot } from '../values/buffers/snapshot.js';
import { packWith, type ValueCodec } from '../values/value_codec.js';
import { roots, type Root } from '../values/refusing/paths.js';
import { encodeStructure } from '../values/structure.js';
import {
  sendingBy,
  type AnyFunction,
  type FunctionsOut,
  type SentFunction,
} from '../values/functions.js';

/** What a task calls: a function with its variables as they are when the call is encoded, or as they were before. */
export type Callee = AnyFunction | FrozenFunction;

/** A function with its variables as they were. */
export interface FrozenFunction {
  readonly fn: AnyFunction;
  readonly sent: SentFunction;
  /** The function of which this is a closure, if that has an id of its own. */
  readonly of?: number;
}

/** As `functions`, remembering those with captured variables. */
function watching(functions: FunctionsOut, closures: object[]): FunctionsOut {
  return sendingBy(functions, (fn) => {
    const sent = functions.send(fn);
    if (sent.kind === 'function' && sent.captured.length > 0) closures.push(fn);
    return sent;
  });
}

/** As `functions`, with `fn` as it was. */
function sendingAs(functions: FunctionsOut, fn: AnyFunction, sent: SentFunction): FunctionsOut {
  return sendingBy(functions, (other) => (other === fn ? sent : functions.send(other)));
}

// When a map has ended, what it captured can be thrown away on both sides.
const outOfUse = new FinalizationRegistry<number>((id) => {
  programFunctions.forget(id);
});

/** What calls of one place in the source have in common: of a bound function that is its target. */
function kindOf(sent: SentFunction): number {
  return sent.kind === 'bound' ? programFunctions.kindOf(sent.target) : sent.id;
}

/** A function and what it is called with. */
function callOf({ elements = [] }: Root): Root {
  const parts = (index: number): string => (index === 0 ? 'the function' : '');
  return { name: 'the call', elements: [parts, ...elements] };
}

export class TaskEncoder {
  readonly functions: FunctionsOut;
  readonly #codec: ValueCodec | undefined;
  readonly #outOfBand: boolean;

  constructor(functions: FunctionsOut, codec: ValueCodec | undefined, outOfBand: boolean) {
    this.functions = functions;
    this.#codec = codec;
    this.#outOfBand = outOfBand;
  }

  /**
   * `fn` with its variables as they are now, however often it is called: they are encoded once, and sent to each worker once.
   * If it cannot be sent, each call of it says why.
   */
  freeze(fn: AnyFunction): FrozenFunction {
    try {
      return this.#freeze(fn);
    } catch (error) {
      return {
        fn,
        get sent(): never {
          throw error;
        },
      };
    }
  }

  #freeze(fn: AnyFunction): FrozenFunction {
    const { functions } = this;
    const sent = functions.send(fn);
    if (sent.kind === 'bound' || sent.captured.length === 0) return { fn, sent };
    const context = {
      snapshot: plainSnapshot,
      functions: sendingAs(functions, fn, sent),
      root: callOf(roots.arguments),
    };
    const id = programFunctions.freeze(sent.id, encodeStructure([fn], context));
    const frozen = { fn, sent: { ...sent, id, captured: [], capturedNames: [] }, of: sent.id };
    outOfUse.register(frozen, id);
    return frozen;
  }

  /**
   * Encodes a call, or with `isChunk` one for each of a list of argument lists.
   *
   * @throws {DataCloneError} for what cannot be sent
   */
  encode(callee: Callee, args: unknown, isChunk: boolean, copy: Snapshot): EncodedCall {
    const frozen = typeof callee === 'function' ? undefined : callee;
    const fn = frozen === undefined ? (callee as AnyFunction) : frozen.fn;
    const sent = frozen === undefined ? this.functions.send(fn) : frozen.sent;
    const snapshot = this.#outOfBand ? copy : undefined;
    const { functions } = this;
    const codec = this.#codec;
    const given = codec === undefined ? args : packWith(codec, args);
    const flags = (isChunk ? taskFlags.chunk : 0) | (codec === undefined ? 0 : taskFlags.custom);
    const isPlain = sent.kind === 'function' && sent.captured.length === 0;
    const root = isChunk ? roots.calls : roots.arguments;
    if (isPlain) {
      const json = exactJson(given);
      const kind = frozen?.of ?? sent.id;
      if (typeof json === 'string') return { fn: sent.id, kind, flags, value: json, keeps: callee };
      const keeps: object[] = [callee];
      const context = { snapshot, functions: watching(functions, keeps), root };
      const value = encodeStructure(given, context, json);
      return { fn: sent.id, kind, flags, value, keeps };
    }
    const keeps: object[] = [callee];
    const watched = sendingAs(watching(functions, keeps), fn, sent);
    const context = { snapshot, functions: watched, root: callOf(root) };
    const value = encodeStructure([fn, given], context);
    const kind = kindOf(sent);
    return { fn: kind, kind, flags: flags | taskFlags.closure, value, keeps };
  }
}
