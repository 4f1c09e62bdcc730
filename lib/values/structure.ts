/**
 * Encodes values of all kinds as bytes and buffers: everything that structured clone accepts, and also functions,
 * classes, instances of classes and errors. Layout: words (head, contents, tables), contents of small buffers, text.
 * codes.ts describes the words, encoder.ts the order.
 */

import { DataCloneError, ModuleLoadError } from '../errors.js';
import type { EncodedStructure } from './wire/assembly.js';
import { damaged } from './wire/damage.js';
import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';
import { explain, leaveOutOfError, type Failure } from './refusing/failures.js';
import type { FunctionsIn, FunctionsOut } from './functions_in_out.js';
import { EncodingMemo, type Readings } from './encoding_memo.js';
import type { Root } from './refusing/paths.js';
import { needsPackingOrder } from './refusing/refusals.js';
import { decodeSmallArray, encodeSmallArray, isSmallArray } from './wire/small_array.js';
import type { Snapshot } from './buffers/snapshot.js';
import { makePackingOrder } from './packing_order.js';
import { borrowWords, giveBack } from './wire/word_reader.js';

export type { EncodedStructure } from './wire/assembly.js';
export { countBuffers, functionsIn } from './wire/assembly.js';

/** The options of encoding one value. */
export interface EncodingContext {
  /** Copies the buffers that are sent out of band; undefined: all stay in the stream. */
  readonly snapshot: Snapshot | undefined;
  readonly functions: FunctionsOut;
  /** The name of the value in messages: one of `roots`. */
  readonly root: Root;
  /** True: properties of errors that cannot be sent are left out, up to a certain number. */
  readonly lenientErrors?: boolean;
}

const none: readonly never[] = [];

// One encoder serves all values, except those that are encoded while the encoder is in use.
let idle: Encoder | undefined;

/** The limit for one value, since each property costs another attempt. */
const mostLeftOut = 100;

/**
 * Encodes `value` as it is now: later changes are not seen.
 *
 * @param readings - the values that its getters have already given
 * @throws {DataCloneError} for what cannot be sent; the message says what, and where it is
 */
export function encodeStructure(
  value: unknown,
  context: EncodingContext,
  readings?: Readings,
): EncodedStructure {
  const small = encodeSmallArray(value);
  if (small !== undefined) return { bytes: small, buffers: none, functions: none };
  const memo = new EncodingMemo(context.functions, readings);
  for (;;) {
    const encoder = idle ?? new Encoder();
    idle = undefined;
    try {
      const encoded = encoder.encode(value, memo, context.snapshot);
      idle = encoder;
      return encoded;
    } catch (reason) {
      prepareAnotherAttempt(context, { reason, value, memo, inTurn: encoder.inTurn });
    }
  }
}

/** Throws the reason why the value cannot be encoded, unless another attempt can succeed. */
function prepareAnotherAttempt(context: EncodingContext, failure: Failure): void {
  const { reason, value, memo } = failure;
  const packsFirst = reason === needsPackingOrder && memo.packing === undefined;
  const isLenient = context.lenientErrors === true && memo.leftOut < mostLeftOut;
  if (!packsFirst && !(isLenient && leaveOutOfError(failure))) throw explain(failure, context.root);
  if (!packsFirst && memo.packing === undefined) return;
  try {
    makePackingOrder(value, memo);
  } catch (refusal) {
    prepareAnotherAttempt(context, { ...failure, reason: refusal });
  }
}

/**
 * Decodes the bytes of {@link encodeStructure}; `buffers` become the memory of the result.
 *
 * @throws {DataCloneError} for damaged bytes, and for functions that are not available
 */
export function decodeStructure(
  bytes: Uint8Array,
  buffers: readonly ArrayBuffer[],
  functions: FunctionsIn,
): unknown {
  if (isSmallArray(bytes)) return decodeSmallArray(bytes);
  const words = borrowWords(bytes);
  try {
    return new Decoder(bytes, words, buffers, functions).decode();
  } catch (reason) {
    if (reason instanceof DataCloneError || reason instanceof ModuleLoadError) throw reason;
    throw damaged(reason instanceof Error ? reason.message : String(reason), reason);
  } finally {
    giveBack(words);
  }
}
