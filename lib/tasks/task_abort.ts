/** Sends the reason why a task must end from the master to its worker. */

import { attempt } from '../attempt.js';
import { TimeoutError } from '../errors.js';
import { encodeThrown } from './remote_error.js';
import type { TaskAbort } from './messages.js';
import type { PackedValue } from '../values/value_codec.js';
import { noFunctions } from '../values/functions_in_out.js';
import { roots } from '../values/refusing/paths.js';
import { plainSnapshot } from '../values/buffers/snapshot.js';
import { decodeStructure, encodeStructure, type EncodedStructure } from '../values/structure.js';

/** Encodes the reason of an abort, without those parts that cannot be sent, such as instances of some classes. */
export function encodeAbort(task: number, reason: unknown): TaskAbort {
  if (isTimeout(reason)) return { task, expired: reason.message };
  return { task, reason: encodeThrown(reason, encode) as PackedValue };
}

/** True for a timeout. A Proxy may throw when it is inspected. */
function isTimeout(reason: unknown): reason is TimeoutError {
  return attempt(() => reason instanceof TimeoutError) === true;
}

/** The reason of an abort, for the signal of the task. */
export function decodeReason({ expired, reason }: TaskAbort): unknown {
  if (expired !== undefined) return new TimeoutError(expired);
  const { bytes, buffers = [] } = reason!;
  return decodeStructure(bytes, buffers, noFunctions);
}

function encode(value: unknown): EncodedStructure {
  return encodeStructure(value, {
    snapshot: plainSnapshot,
    functions: noFunctions,
    root: roots.value,
    lenientErrors: true,
  });
}
