/** Communicators as users see them. Each operation is described here; how it is done, in the file of its kind. */

import { validateDest, validateSource, validateTag, validateTagOrAny } from './arguments.js';
import { ANY_SOURCE, ANY_TAG } from './constants.js';
import { nativeHandles } from './native_handles.js';
import { bcast } from './collectives/broadcast.js';
import { barrier } from './collectives/collective.js';
import { allgather, gather } from './collectives/gathering.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import { Handle } from './handle.js';
import { SUM, type Operation } from './collectives/operations.js';
import { probe, receive, send, type Message, type MessageInfo } from './messages/point_to_point.js';
import { abort, startWithCommunicators } from './starting.js';
import { spawn, type SpawnOptions } from './spawning.js';
import { allreduce, reduce, scan } from './collectives/reducing.js';
import { alltoall, scatter } from './collectives/scattering.js';
import { disconnect, dup, free, merge, split } from './making.js';

/** The arrays whose elements travel without being encoded. */
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
 * A group of processes that can talk to each other, and to nobody else by the same messages. Every process has a rank in
 * it, from 0 on.
 *
 * All operations are promises. Collective ones must be called by all ranks, in the same order; a call that differs from
 * those of the others is an {@link MPIError} on all of them. A pending operation keeps the program alive.
 */
export class Communicator {
  static {
    notToBeSent(this, 'it belongs to this process; use getCommWorkers() inside the task');
  }

  readonly #handle: Handle;
  /** A name for you: `util.inspect` shows it, MPI does not. Default: that of the communicator it was made of, or empty. */
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

  /** Number of processes; of an intercommunicator, in the group of this one. */
  get size(): number {
    return this.#handle.extent.size;
  }

  /** True if it joins two groups: see {@link Intercommunicator}. */
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
   * Gives all ranks the value of `root`. Collective. What the other ranks pass is ignored, but for a typed array: it is filled,
   * and must be of the class and length of that of `root`.
   */
  bcast<T>(value: T, root?: number): Promise<T>;
  bcast<T = unknown>(value?: undefined, root?: number): Promise<T>;
  bcast(value?: unknown, root = 0): Promise<unknown> {
    return bcast(this.#handle, value, root);
  }

  /**
   * Sends a value to rank `dest`. The promise resolves when the value has left: do not change typed arrays before. A large
   * value leaves when it is received; some small ones may be on their way at once.
   *
   * @param dest - a rank, or PROC_NULL for nobody
   * @param tag - 0 to 2147483647; default 0
   * @throws {TypeError | RangeError | DataCloneError | InvalidStateError | MPIError} as a rejection, as all operations do
   */
  async send(value: unknown, dest: number, tag = 0): Promise<void> {
    this.#handle.check();
    validateDest(dest, this.#handle);
    validateTag(tag);
    return send(this.#handle, value, dest, tag);
  }

  /**
   * Receives a value. Values of one sender and tag come in the order in which they were sent. From PROC_NULL it is null.
   *
   * @param source - a rank; default: any
   * @param tag - default: any
   */
  async recv<T = unknown>(source: number = ANY_SOURCE, tag: number = ANY_TAG): Promise<T> {
    const { value } = await this.recvMessage<T>(source, tag);
    return value;
  }

  /** As {@link recv}, with the sender and the tag: `{ value, source, tag }`. */
  async recvMessage<T = unknown>(
    source: number = ANY_SOURCE,
    tag: number = ANY_TAG,
  ): Promise<Message<T>> {
    this.#handle.check();
    validateSource(source, this.#handle);
    validateTagOrAny(tag);
    return receive(this.#handle, source, tag) as Promise<Message<T>>;
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

  /** Waits for a message and says whose it is, `{ source, tag, byteLength }`. The message stays to be received. */
  async probe(source: number = ANY_SOURCE, tag: number = ANY_TAG): Promise<MessageInfo> {
    this.#handle.check();
    validateSource(source, this.#handle);
    validateTagOrAny(tag);
    return probe(this.#handle, source, tag);
  }

  /**
   * Gives each rank one of the values of `root`, of which there are as many as ranks; or an equal part of its typed array.
   * What the other ranks pass is ignored.
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
   * Gives each rank, from every rank, the value that it passes for this one, in the order of the ranks. Collective. A typed
   * array is cut into equal parts, and the result is one array of the parts received.
   */
  alltoall<T extends TypedArray>(values: T): Promise<T>;
  alltoall<T>(values: Iterable<T>): Promise<T[]>;
  alltoall(values: unknown): Promise<unknown> {
    return alltoall(this.#handle, values);
  }

  /**
   * Reduces the values of all ranks to one on `root`, and gives the others null. Collective.
   *
   * Typed arrays are reduced element by element, by MPI; numbers, bigints, booleans and arrays of them likewise, in the
   * order of the ranks. A function gets whole values, whatever they are: what has come of the lower ranks, and the value
   * of the next.
   *
   * @param op - `SUM`, `PROD`, `MIN`, `MAX`, `LAND`, `LOR`, `BAND`, `BOR`, `BXOR`, or a function, the same on all ranks
   */
  reduce<T>(value: T, op: Operation | ReduceFunction<T> = SUM, root = 0): Promise<T | null> {
    return reduce(this.#handle, value, op, root) as Promise<T | null>;
  }

  /** As {@link reduce}, with the result on all ranks. A function is called on each of them. */
  allreduce<T>(value: T, op: Operation | ReduceFunction<T> = SUM): Promise<T> {
    return allreduce(this.#handle, value, op) as Promise<T>;
  }

  /** Reduces the values of ranks 0 to this one. Collective. A function is called on each rank. */
  scan<T>(value: T, op: Operation | ReduceFunction<T> = SUM): Promise<T> {
    return scan(this.#handle, value, op) as Promise<T>;
  }

  /**
   * New communicators, one for each color; ranks are in the order of `key`, and of the ranks here where that is the same.
   * Collective. Null on the ranks whose color is undefined.
   */
  async split(color: number | undefined, key: number = this.rank): Promise<Communicator | null> {
    const part = await split(this.#handle, color, key);
    return part && new Communicator(part);
  }

  /** A communicator of the same processes, whose messages never meet those of this one. Collective. */
  async dup(): Promise<this> {
    const copy = await dup(this.#handle);
    return new (this.constructor as new (handle: Handle, name: string) => this)(copy, this.name);
  }

  /**
   * Starts `count` processes that run `command`, and joins this group with theirs: there, {@link getParent} gives the
   * other side. Collective; what counts is what `root` gives.
   *
   * @param command - a program; `process.execPath` for Node.js
   * @throws {SpawnError} on all ranks, where it is known that MPI cannot do it here, or that it would hang
   */
  async spawn(
    command: string,
    args: Iterable<string> = [],
    count = 1,
    options: SpawnOptions = {},
  ): Promise<Intercommunicator> {
    return new Intercommunicator(await spawn(this.#handle, command, args, count, options));
  }

  /** Frees the communicator when all that was begun with it has ended. Collective. Later calls fail with an InvalidStateError. */
  free(): Promise<void> {
    return free(this.#handle);
  }

  /** As {@link free}, and waits until all messages have arrived: for communicators made by `spawn`. Collective. */
  disconnect(): Promise<void> {
    return disconnect(this.#handle);
  }

  /** Ends all processes of the program at once, with `code`, 0 to 255. */
  abort(code = 1): never {
    return abort(code);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { rank, size, isInter, remoteSize, name } = this;
    const remote = isInter ? `, remoteSize: ${remoteSize}` : '';
    const kind = isInter ? 'Intercommunicator' : 'Communicator';
    return `${kind} { ${name === '' ? '' : `${name}, `}rank: ${rank}, size: ${size}${remote} }`;
  }
}

/**
 * Joins two groups of processes, such as a program and those that it has spawned. Messages go to, and come from, ranks of
 * the other group. Of the collective operations it has `barrier`, `dup` and `merge`.
 */
export class Intercommunicator extends Communicator {
  readonly #handle: Handle;

  /** @internal */
  constructor(handle: Handle, name = '') {
    super(handle, name);
    this.#handle = handle;
  }

  /**
   * One communicator of both groups. Collective.
   *
   * @param high - the same on all ranks of a group: true for the one whose ranks come after those of the other
   */
  async merge(high = false): Promise<Communicator> {
    return new Communicator(await merge(this.#handle, high));
  }
}

let parent: Promise<Intercommunicator | null> | undefined;

/** The intercommunicator to the processes that have spawned this one; null if none has. */
export function getParent(): Promise<Intercommunicator | null> {
  return (parent ??= findParent());
}

async function findParent(): Promise<Intercommunicator | null> {
  const { addon, parent } = await startWithCommunicators();
  return parent && new Intercommunicator(Handle.of({ addon, native: parent }), 'MPI_COMM_PARENT');
}
