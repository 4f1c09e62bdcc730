/**
 * Makes all ranks agree on a collective operation before any data moves: every rank sends its arguments, and all learn
 * of any difference. A wrong call is therefore an error on every rank, where MPI alone would wait for ever or deliver
 * wrong data. This takes one reduction of a few numbers, each with its negative, by MPI_MAX, which gives all ranks the
 * largest and the smallest.
 */

import { MPIError } from '../../errors.js';
import type { Opened } from '../opened.js';
import { nameOfKind } from '../messages/payload.js';
import { nameOfOperation } from './operations.js';

/** The collective operations, by number. */
export const calls = [
  'barrier',
  'bcast',
  'scatter',
  'gather',
  'allgather',
  'alltoall',
  'reduce',
  'allreduce',
  'scan',
  'split',
  'dup',
  'spawn',
  'merge',
  'disconnect',
  'free',
] as const;

/** The name of a collective operation, as a message gives it. */
export type Call = (typeof calls)[number];

/** The arguments of one rank's call. An undefined field is taken from the other ranks. */
export interface Terms {
  readonly root?: number | undefined;
  /** The kind of the value: see payload.ts. */
  readonly kind?: number | undefined;
  /** The number of elements, which must be the same on all ranks. */
  readonly length?: number | undefined;
  readonly operation?: number | undefined;
  /** 1 where this group's ranks come last in a merge, 0 where they come first: the same on all ranks of one group. */
  readonly high?: number | undefined;
  /** The smallest and the largest number of bytes sent to one rank; these may differ between ranks. */
  readonly bytes?: readonly [smallest: number, largest: number] | undefined;
}

/** Takes the place of terms: this rank was called with wrong arguments. */
export const fault = 'fault';

/** The arguments of all ranks together. */
export interface Agreed {
  readonly kind: number | undefined;
  readonly length: number | undefined;
  readonly smallest: number;
  readonly largest: number;
}

const places = {
  call: 0,
  root: 2,
  kind: 4,
  length: 6,
  operation: 8,
  bytes: 10,
  fault: 12,
  high: 13,
} as const;
const vectorLength = 15;

const sum = { max: 3, allreduce: 1, double: 9 } as const;

/**
 * Collective.
 *
 * @throws {MPIError} on all ranks alike if they do not agree
 */
export async function agree(
  opened: Opened,
  call: Call,
  terms: Terms | typeof fault,
): Promise<Agreed> {
  const { addon, native } = opened;
  const mine = vectorOf(call, terms, native.rank);
  const all = new Float64Array(vectorLength);
  await addon.reduce(native.id, sum.allreduce, mine, all, sum.double, sum.max, 0);
  if (native.isInter) await tellBack(opened, mine, all);
  const problem = problemIn(all, call);
  if (problem !== undefined) throw disagreement(opened, call, ...problem);
  return {
    kind: valueAt(all, places.kind),
    length: valueAt(all, places.length),
    smallest: -all[places.bytes + 1]!,
    largest: all[places.bytes]!,
  };
}

/**
 * Shares the terms of each group of an intercommunicator with that group itself. In the first exchange each group gets
 * only the terms of the other, so a second one sends these back.
 *
 * @param all - the terms of the other group; becomes those of both
 */
async function tellBack(
  { addon, native }: Opened,
  mine: Float64Array,
  all: Float64Array,
): Promise<void> {
  const known = all.map((value, at) => Math.max(value, mine[at]!));
  // `high` may differ between the groups, but not within one: the other group only needs to know whether it does there.
  const differs = -all[places.high + 1]! < all[places.high]!;
  const high = all.slice(places.high, places.high + 2);
  known.set(differs ? high : [-Infinity, -Infinity], places.high);
  await addon.reduce(native.id, sum.allreduce, known, all, sum.double, sum.max, 0);
  if (differs) all.set(high, places.high);
}

function vectorOf(call: Call, terms: Terms | typeof fault, rank: number): Float64Array {
  const vector = new Float64Array(vectorLength).fill(-Infinity);
  put(vector, places.call, calls.indexOf(call));
  if (terms === fault) {
    vector[places.fault] = -rank; // the first of them is named
    return vector;
  }
  put(vector, places.root, terms.root);
  put(vector, places.kind, terms.kind);
  put(vector, places.length, terms.length);
  put(vector, places.operation, terms.operation);
  put(vector, places.high, terms.high);
  if (terms.bytes !== undefined) {
    vector[places.bytes] = terms.bytes[1];
    vector[places.bytes + 1] = -terms.bytes[0];
  }
  return vector;
}

function put(vector: Float64Array, place: number, value: number | undefined): void {
  if (value === undefined) return;
  vector[place] = value;
  vector[place + 1] = -value;
}

function valueAt(all: Float64Array, place: number): number | undefined {
  return all[place] === -Infinity ? undefined : all[place];
}

type Problem = readonly [
  errorClass: 'other' | 'root' | 'type' | 'count' | 'op' | 'arg',
  text: string,
];

function problemIn(all: Float64Array, call: Call): Problem | undefined {
  const range = (place: number): readonly [number, number] | undefined => {
    const [largest, smallest] = [all[place]!, -all[place + 1]!];
    return largest === -Infinity || largest === smallest ? undefined : [smallest, largest];
  };
  const callsMade = range(places.call);
  if (callsMade !== undefined) {
    const [one, other] = callsMade.map((number) => calls[number]);
    return [
      'other',
      `some ranks have called ${one}, others ${other}: all must make the same calls in the same order`,
    ];
  }
  const faulty = all[places.fault]!;
  if (faulty !== -Infinity) {
    return [
      'arg',
      `rank ${-faulty} has called ${call} with wrong arguments; its own error says which`,
    ];
  }
  const rootsNamed = range(places.root);
  if (rootsNamed !== undefined) {
    return ['root', `some ranks have named ${rootsNamed[0]} as root, others ${rootsNamed[1]}`];
  }
  const kinds = range(places.kind);
  if (kinds !== undefined) {
    const [one, other] = kinds.map(nameOfKind);
    return ['type', `expected the same from all ranks but received ${one} and ${other}`];
  }
  const lengths = range(places.length);
  if (lengths !== undefined) {
    return [
      'count',
      `expected one length on all ranks but received ${lengths[0]} and ${lengths[1]}`,
    ];
  }
  const operations = range(places.operation);
  if (operations !== undefined) {
    const [one, other] = operations.map(nameOfOperation);
    return ['op', `expected one operation on all ranks but received ${one} and ${other}`];
  }
  if (range(places.high) !== undefined) {
    return [
      'arg',
      'expected the same for high on all ranks of a group but received false and true',
    ];
  }
  return undefined;
}

function disagreement(
  { addon }: Opened,
  call: Call,
  errorClass: Problem[0],
  text: string,
): MPIError {
  const number = addon.errorClasses()[errorClass];
  return new MPIError(`${call}: ${text}`, {
    call,
    errorCode: number,
    errorClass: number,
    errorString: text,
  });
}
