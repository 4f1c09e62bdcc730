/**
 * Communicators as users see them. Each operation is described here and implemented in a file for operations of its
 * kind.
 */

import {
  validateDest,
  validateMemory,
  validateSource,
  validateTag,
  validateTagOrAny,
} from './arguments.js';
import { ANY_SOURCE, ANY_TAG } from './constants.js';
import { nativeHandles } from './native_handles.js';
import { bcast } from './collectives/broadcast.js';
import { barrier } from './collectives/collective.js';
import { allgather, gather } from './collectives/gathering.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import { Handle } from './handle.js';
import { SUM, type Operation } from './collectives/operations.js';
import {
  probe,
  receive,
  receiveInto,
  send,
  type Message,
  type MessageInfo,
} from './messages/point_to_point.js';
import { abort, startWithCommunicators } from './starting.js';
import { spawn, type SpawnOptions } from './spawning.js';
import { allreduce, reduce, scan } from './collectives/reducing.js';
import { alltoall, scatter } from './collectives/scattering.js';
import { disconnect, dup, free, merge, split } from './making.js';

/** The arrays whose elements are sent without being encoded. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Reduces two values to one, and may be asynchronous.
 *
 * @param a - the result for the lower ranks
 * @param b - the value of the next rank
 */
export type ReduceFunction<T> = (a: T, b: T) => T | Promise<T>;

/**
 * A group of processes that exchange messages. Messages of one communicator never reach another. Every process has a
 * rank in it, from 0 on.
 *
 * All operations are promises. Collective ones must be called by all ranks, in the same order; a call that differs from
 * those of the other ranks is an {@link MPIError} on all of them. A pending operation keeps the program alive.
 */
export class Communicator {
  static {
    notToBeSent(this, 'it belongs to this process; use getCommWorkers() inside the task');
  }

  readonly #handle: Handle;
  /**
   * A name of your choice, which `util.inspect` shows and MPI does not. Default: the name of the communicator that this
   * one was made of, or empty.
   */
  name: string;

  /** @internal */
  constructor(handle: Handle, name = '') {
    this.#handle = handle;
    this.name = name;
    nativeHandles.set(this, handle);
  }

  /** The rank of this process, from 0 to `size - 1`. */
  get rank(): number {
    return this.#handle.extent.rank;
  }

  /** The number of processes; in an intercommunicator, of this process's own group. */
  get size(): number {
    return this.#handle.extent.size;
  }

  /** True if the communicator joins two groups: see {@link Intercommunicator}. */
  get isInter(): boolean {
    return this.#handle.extent.isInter;
  }

  /** Number of processes in the other group of an intercommunicator, else 0. */
  get remoteSize(): number {
    return this.#handle.extent.remoteSize;
  }

  /** Waits until all ranks have called it. Collective. */
  barrier(): Promise<void> {
    return barrier(this.#handle);
  }

  /**
   * Gives all ranks the value of `root`. Collective. Values that the other ranks pass are ignored, except a typed
   * array, which is filled: it must have the class and length of that of `root`.
   */
  bcast<T>(value: T, root?: number): Promise<T>;
  bcast<T = unknown>(value?: undefined, root?: number): Promise<T>;
  bcast(value?: unknown, root = 0): Promise<unknown> {
    return bcast(this.#handle, value, root);
  }

  /**
   * Sends a value to rank `dest`. The promise resolves when the value has left; do not change typed arrays before that.
   * A large value leaves when it is received; small ones may be sent at once.
   *
   * @param dest - a rank, or PROC_NULL for no process
   * @param tag - 0 to 2147483647; default 0
   * @throws {TypeError | RangeError | DataCloneError | InvalidStateError | MPIError} as a rejection, as all operations
   *   do
   */
  async send(value: unknown, dest: number, tag = 0): Promise<void> {
    this.#handle.check();
    validateDest(dest, this.#handle);
    validateTag(tag);
    return send(this.#handle, value, dest, tag);
  }

  /**
   * Receives a value. Values of one sender and tag arrive in the order in which they were sent. A receive from
   * PROC_NULL gives null.
   *
   * @param source - a rank; default: any
   * @param tag - default: any
   */
  async recv<T = unknown>(source: number = ANY_SOURCE, tag: number = ANY_TAG): Promise<T> {
    const { value } = await this.recvMessage<T>(source, tag);
    return value;
  }

  /** Like {@link recv}, with the sender and the tag: `{ value, source, tag }`. */
  async recvMessage<T = unknown>(
    source: number = ANY_SOURCE,
    tag: number = ANY_TAG,
  ): Promise<Message<T>> {
    this.#handle.check();
    validateSource(source, this.#handle);
    validateTagOrAny(tag);
    return receive(this.#handle, source, tag) as Promise<Message<T>>;
  }

  /**
   * Receives an array into memory that is there: for large ones several times as fast as {@link recv}, for which the
   * system has to find new memory each time. Resolves to `{ source, tag, byteLength }`; what is behind the message stays
   * as it is. Do not use `into` before that.
   *
   * @param into - a typed array, DataView or ArrayBuffer of the type that is sent, and at least as long
   * @throws {TypeError | RangeError} if a message of another type, or a longer one, was received; it is dropped
   */
  async recvInto(
    into: ArrayBufferView | ArrayBuffer,
    source: number = ANY_SOURCE,
    tag: number = ANY_TAG,
  ): Promise<MessageInfo> {
    this.#handle.check();
    validateMemory(into, 'into');
    validateSource(source, this.#handle);
    validateTagOrAny(tag);
    return receiveInto(this.#handle, into, source, tag);
  }

  /** Sends a value to `dest` and receives one from `source` at the same time, so that two ranks may exchange values. */
  async sendrecv<T = unknown>(
    value: unknown,
    dest: number,
    source: number = ANY_SOURCE,
    tag = 0,
  ): Promise<T> {
    this.#handle.check();
    validateDest(dest, this.#handle);
    validateSource(source, this.#handle);
    validateTag(tag);
    // Throws where nothing can be sent; then nothing is received.
    const sent = send(this.#handle, value, dest, tag);
    const [received] = await Promise.all([receive(this.#handle, source, tag), sent]);
    return received.value as T;
  }

  /**
   * Waits for a message and resolves to its sender, tag and size: `{ source, tag, byteLength }`. The message is not
   * received.
   */
  async probe(source: number = ANY_SOURCE, tag: number = ANY_TAG): Promise<MessageInfo> {
    this.#handle.check();
    validateSource(source, this.#handle);
    validateTagOrAny(tag);
    return probe(this.#handle, source, tag);
  }

  /**
   * Gives each rank one of the values of `root`, which has one for each rank; or an equal part of the typed array of
   * `root`. Collective. Values that the other ranks pass are ignored.
   */
  scatter<T extends TypedArray>(values: T, root?: number): Promise<T>;
  scatter<T = unknown>(values?: Iterable<T> | null, root?: number): Promise<T>;
  scatter(values?: unknown, root = 0): Promise<unknown> {
    return scatter(this.#handle, values, root);
  }

  /** Gives `root` an array of the values of all ranks, in their order, and the others null. Collective. */
  gather<T>(value: T, root = 0): Promise<T[] | null> {
    return gather(this.#handle, value, root) as Promise<T[] | null>;
  }

  /** Gives all ranks an array of the values of all ranks, in their order. Collective. Typed arrays in it may share an ArrayBuffer. */
  allgather<T>(value: T): Promise<T[]> {
    return allgather(this.#handle, value) as Promise<T[]>;
  }

  /**
   * Sends a value to each rank, and gives an array of the values received, in rank order. Collective. A typed array is
   * cut into equal parts, and the result is one array of the parts received.
   */
  alltoall<T extends TypedArray>(values: T): Promise<T>;
  alltoall<T>(values: Iterable<T>): Promise<T[]>;
  alltoall(values: unknown): Promise<unknown> {
    return alltoall(this.#handle, values);
  }

  /**
   * Reduces the values of all ranks to one on `root`, and gives the others null. Collective.
   *
   * MPI reduces typed arrays element by element; numbers, bigints, booleans and arrays of them are reduced likewise, in
   * rank order. A function gets whole values of any kind: the result for the lower ranks, and the value of the next
   * rank.
   *
   * @param op - `SUM`, `PROD`, `MIN`, `MAX`, `LAND`, `LOR`, `BAND`, `BOR`, `BXOR`, or a function, the same on all ranks
   */
  reduce<T>(value: T, op: Operation | ReduceFunction<T> = SUM, root = 0): Promise<T | null> {
    return reduce(this.#handle, value, op, root) as Promise<T | null>;
  }

  /** Like {@link reduce}, with the result on all ranks. A function is called on each of them. */
  allreduce<T>(value: T, op: Operation | ReduceFunction<T> = SUM): Promise<T> {
    return allreduce(this.#handle, value, op) as Promise<T>;
  }

  /** Reduces the values of ranks 0 to this one. Collective. A function is called on each rank. */
  scan<T>(value: T, op: Operation | ReduceFunction<T> = SUM): Promise<T> {
    return scan(this.#handle, value, op) as Promise<T>;
  }

  /**
   * Makes one communicator for each color. Collective. Ranks are ordered by `key`, and those with the same key as in
   * this communicator. Null on the ranks whose color is undefined.
   */
  async split(color: number | undefined, key: number = this.rank): Promise<Communicator | null> {
    const part = await split(this.#handle, color, key);
    return part && new Communicator(part);
  }

  /** Makes a communicator of the same processes, whose messages are separate from those of this one. Collective. */
  async dup(): Promise<this> {
    const copy = await dup(this.#handle);
    return new (this.constructor as new (handle: Handle, name: string) => this)(copy, this.name);
  }

  /**
   * Starts `count` processes that run `command`, and joins this group with theirs: in the new processes {@link
   * getParent} gives the other side. Collective; the arguments of `root` are used.
   *
   * @param command - a program; `process.execPath` for Node.js
   * @throws {SpawnError} on all ranks, where MPI is known to be unable to do it here, or would hang
   */
  async spawn(
    command: string,
    args: Iterable<string> = [],
    count = 1,
    options: SpawnOptions = {},
  ): Promise<Intercommunicator> {
    return new Intercommunicator(await spawn(this.#handle, command, args, count, options));
  }

  /**
   * Frees the communicator once all operations begun on it have ended. Collective. Later calls fail with an
   * InvalidStateError.
   */
  free(): Promise<void> {
    return free(this.#handle);
  }

  /** Like {@link free}, and waits until all messages have arrived: for communicators made by `spawn`. Collective. */
  disconnect(): Promise<void> {
    return disconnect(this.#handle);
  }

  /** Ends all processes of the program at once, with `code`, 0 to 255. */
  abort(code = 1): never {
    return abort(code);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    if (!(#handle in this)) return 'Communicator {}'; // it stands for one, as a proxy does
    const { rank, size, isInter, remoteSize, name } = this;
    const remote = isInter ? `, remoteSize: ${remoteSize}` : '';
    const kind = isInter ? 'Intercommunicator' : 'Communicator';
    return `${kind} { ${name === '' ? '' : `${name}, `}rank: ${rank}, size: ${size}${remote} }`;
  }
}

/**
 * Joins two groups of processes, such as a program and the processes that it has spawned. Messages are sent to, and
 * received from, ranks of the other group. The collective operations are `barrier`, `dup` and `merge`.
 */
export class Intercommunicator extends Communicator {
  readonly #handle: Handle;

  /** @internal */
  constructor(handle: Handle, name = '') {
    super(handle, name);
    this.#handle = handle;
  }

  /**
   * Makes one communicator of both groups. Collective.
   *
   * @param high - the same on all ranks of a group: true for the group whose ranks come second
   */
  async merge(high = false): Promise<Communicator> {
    return new Communicator(await merge(this.#handle, high));
  }
}

let parent: Promise<Intercommunicator | null> | undefined;

/** The intercommunicator to the processes that have spawned this one; null if this one was not spawned. */
export function getParent(): Promise<Intercommunicator | null> {
  return (parent ??= findParent());
}

async function findParent(): Promise<Intercommunicator | null> {
  const { addon, parent } = await startWithCommunicators();
  return parent && new Intercommunicator(Handle.of({ addon, native: parent }), 'MPI_COMM_PARENT');
}
