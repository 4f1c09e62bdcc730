/** Explains to the user why encoding failed: the place in the value, and the reason. */

import { types } from 'node:util';

import { attempt } from '../../attempt.js';
import { DataCloneError } from '../../errors.js';
import type { Step } from './steps.js';
import type { EncodingMemo } from '../encoding_memo.js';
import { findWay, pathText, unreadableKey, type Root, type Way } from './paths.js';
import { Refusal } from './refusals.js';

/** A failed attempt to encode a value. */
export interface Failure {
  /** The value that was thrown. */
  readonly reason: unknown;
  /** The value that was to be encoded. */
  readonly value: unknown;
  /** The object whose content was being written. */
  readonly inTurn: object | undefined;
  readonly memo: EncodingMemo;
}

/** The error for the user. Its cause is the error that code of the program threw, if any. */
export function explain(failure: Failure, root: Root): DataCloneError {
  const { reason } = failure;
  const steps = [...(wayTo(failure)?.steps ?? [])];
  if (reason instanceof Refusal)
    return new DataCloneError(`${pathText(root, steps)}: ${reason.reason}`, causeOf(reason));
  const { inTurn } = failure;
  const key = inTurn && attempt(() => unreadableKey(inTurn));
  if (key !== undefined) steps.push({ by: 'property', key } satisfies Step);
  const message = reason instanceof Error ? reason.message : String(reason);
  const what = key === undefined ? 'cannot be sent' : 'cannot be read';
  return new DataCloneError(`${pathText(root, steps)} ${what}: ${message}`, { cause: reason });
}

/** Leaves out the property of the nearest error that contains the failure; returns false if no error contains it. */
export function leaveOutOfError(failure: Failure): boolean {
  const way = wayTo(failure);
  if (way === undefined) return false;
  for (let index = way.objects.length - 1; index >= 0; index--) {
    const error = way.objects[index]!;
    const step = way.steps[index]!;
    if (!types.isNativeError(error) || step.by !== 'property' || typeof step.key !== 'string')
      continue;
    if (failure.memo.isLeftOut(error, step.key)) continue;
    failure.memo.leaveOut(error, step.key);
    return true;
  }
  return false;
}

function wayTo({ reason, value, inTurn, memo }: Failure): Way | undefined {
  const culprit = reason instanceof Refusal ? reason.culprit : inTurn;
  if (culprit === undefined) return undefined;
  return attempt(() => findWay(value, culprit, memo));
}

function causeOf(refusal: Refusal): ErrorOptions | undefined {
  return refusal.cause === undefined ? undefined : { cause: refusal.cause };
}
