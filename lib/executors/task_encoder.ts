/** Encodes a call as a task: the function as its id, or with the variables that it captures, and the arguments. */

import { programFunctions } from '../pool/functions.js';
import { PoolTask } from '../pool/pool_task.js';
import { mostUndefinedArguments, taskFlags } from '../tasks/batches.js';
import { chunkOf, hasColumns } from '../tasks/chunks.js';
import { exactJson, exactJsonOfList } from '../values/exact_json.js';
import { plainSnapshot, type Snapshot } from '../values/buffers/snapshot.js';
import { packWith, type ValueCodec } from '../values/value_codec.js';
import { roots, type Root } from '../values/refusing/paths.js';
import { encodeStructure } from '../values/structure.js';
import type { AnyFunction, FunctionsOut, SentFunction } from '../values/functions_in_out.js';
import { KeptFunctions } from './kept_functions.js';

/**
 * The function that a task calls, with its variables as they are when the call is encoded, or as they were when it was
 * frozen.
 */
export type Callee = AnyFunction | FrozenFunction;

/** A function with the values that its variables had when a map began. */
export interface FrozenFunction {
  readonly fn: AnyFunction;
  readonly sent: SentFunction;
  /** The id of its function, if this is a closure of a function with an id of its own. */
  readonly of?: number;
  /** The functions that its variables refer to. */
  readonly keeps?: readonly object[];
}

/** The kind that calls from one place in the source share; for a bound function, that of its target. */
function kindOf(sent: SentFunction): number {
  return sent.kind === 'bound' ? programFunctions.kindOf(sent.target) : sent.id;
}

type Arguments = readonly unknown[];

/** Names a function and its arguments. */
function callOf({ elements = [] }: Root): Root {
  const parts = (index: number): string => (index === 0 ? 'the function' : '');
  return { name: 'the call', elements: [parts, ...elements] };
}

/** The number of undefined arguments at the end, up to what flags can express. */
function undefinedAtEnd(args: readonly unknown[]): number {
  const most = Math.min(args.length, mostUndefinedArguments);
  let count = 0;
  while (count < most && args[args.length - 1 - count] === undefined) count++;
  return count;
}

/** Makes tasks of the calls of one executor. */
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
   * Freezes `fn` with the present values of its variables: they are encoded once, and sent to each worker once. If `fn`
   * cannot be sent, each call of it fails with the reason.
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
    const keeps: object[] = [];
    const context = {
      snapshot: plainSnapshot,
      functions: new KeptFunctions(functions, keeps, fn, sent),
      root: callOf(roots.arguments),
    };
    const id = programFunctions.freeze(sent.id, encodeStructure([fn], context));
    const frozen = {
      fn,
      sent: { ...sent, id, captured: [], capturedNames: [] },
      of: sent.id,
      keeps,
    };
    programFunctions.forgetWith(frozen, id); // when a map has ended, both sides release what its function has captured
    return frozen;
  }

  /**
   * Encodes a call, or with `isChunk` one call for each of a list of argument lists.
   *
   * @throws {DataCloneError} for a value that cannot be sent
   */
  encode(callee: Callee, args: Arguments, isChunk: boolean, copy: Snapshot): PoolTask {
    const frozen = typeof callee === 'function' ? undefined : callee;
    const fn = frozen === undefined ? (callee as AnyFunction) : frozen.fn;
    const sent = frozen === undefined ? this.functions.send(fn) : frozen.sent;
    const codec = this.#codec;
    const chunk = isChunk ? chunkOf(args as readonly Arguments[]) : undefined;
    const calls = isChunk ? args.length : 1;
    const value = chunk ?? args;
    const given = codec === undefined ? value : packWith(codec, value);
    const flags = (isChunk ? taskFlags.chunk : 0) | (codec === undefined ? 0 : taskFlags.custom);
    const snapshot = this.#outOfBand ? copy : undefined;
    const root =
      chunk === undefined ? roots.arguments : hasColumns(chunk) ? roots.columns : roots.calls;
    if (sent.kind === 'function' && sent.captured.length === 0) {
      // The list of arguments is this package's own: `submit` has made it.
      const isOwn = frozen === undefined && codec === undefined;
      const leftOut = isOwn ? undefinedAtEnd(args) : 0;
      const json = isOwn ? exactJsonOfList(args, args.length - leftOut) : exactJson(given);
      const kind = frozen?.of ?? sent.id;
      if (typeof json === 'string') {
        const allFlags = flags | (leftOut * taskFlags.undefinedArgument);
        return new PoolTask(sent.id, kind, allFlags, json, callee, calls);
      }
      const keeps: object[] = [callee];
      const functions = new KeptFunctions(this.functions, keeps);
      const encoded = encodeStructure(given, { snapshot, functions, root }, json);
      return new PoolTask(sent.id, kind, flags, encoded, keeps, calls);
    }
    const keeps: object[] = [callee];
    const functions = new KeptFunctions(this.functions, keeps, fn, sent);
    const encoded = encodeStructure([fn, given], { snapshot, functions, root: callOf(root) });
    const kind = kindOf(sent);
    return new PoolTask(kind, kind, flags | taskFlags.closure, encoded, keeps, calls);
  }
}
