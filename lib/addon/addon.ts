/** The native addon, as native/bindings/ exports it. */

import type { Doorbell, RingsOffer, SharedMemoryAddress } from '../tasks/addresses.js';
import type { MemoryOwner } from '../values/buffers/move.js';
import type { Abi } from './abi.js';

/** A communicator as native code describes it; `id` is its handle. */
export interface NativeCommunicator {
  readonly id: number;
  readonly rank: number;
  readonly size: number;
  /** 0 for an intracommunicator. */
  readonly remoteSize: number;
  readonly isInter: boolean;
}

/** MPI as `initialize` has found or started it. */
export interface NativeWorld {
  /**
   * The reason why MPI cannot be used although other code of this process has started it; the other fields mean nothing
   * then. Normally empty.
   */
  readonly unusable: string;
  /** MPI_THREAD_SINGLE … MPI_THREAD_MULTIPLE as 0 … 3. */
  readonly threadLevel: number;
  readonly world: NativeCommunicator;
  /** The intercommunicator to the process that spawned this one, or null. */
  readonly parent: NativeCommunicator | null;
  /** MPI_UNIVERSE_SIZE, 0 where it is not known. */
  readonly universeSize: number;
  readonly processorName: string;
}

/** Called by native code on the JavaScript thread. */
export interface NativeHandlers {
  /** Successive messages as a flat list: channel, source, payload, buffers, channel, source, … */
  messages(batch: readonly unknown[]): void;
  /** Called after all messages that were received together, if there were any. */
  delivered(): void;
  /** A peer is no longer reachable. Messages that it had sent are still delivered, and then it is lost. */
  peerLeaves(channel: number, peer: number): void;
  peerLost(channel: number, peer: number, error: Error): void;
  processEnded(pid: number): void;
  /** A packet of a user's communicator. An Error means that no more packets will come from `source`. */
  packet(communicator: number, source: number, packet: ArrayBuffer | Error): void;
  /** The master has told this worker to end. */
  quit(): void;
}

/** The exports of native/bindings/, which describes each function. */
export interface Addon extends MemoryOwner {
  /** The ABI that the addon was compiled for. */
  readonly abi: Abi;
  /**
   * The version of the package that the addon was compiled from; the interface between the two sides changes from one
   * version to the next.
   */
  readonly version: string;
  libraryVersion(): string;
  /**
   * Sets a variable in the environment of the process itself, where it is not set there. To be called before MPI is
   * initialised.
   */
  setVariable(name: string, value: string): void;
  /**
   * Claims the socket of MPICH's launcher. Returns 0 if this process is the one of its rank that may start MPI, −1 if
   * another has already finalized MPI, otherwise the id of the process that claimed it before.
   */
  takeSocket(): number;
  /**
   * Locks a file, which is created if it does not exist, until this process ends. Returns 0 if this process has the lock, otherwise
   * the id of the process that has it, or −1 if that is unknown.
   */
  lockFile(path: string): number;
  standardVersion(): [version: number, subversion: number];
  errorClasses(): Record<'arg' | 'comm' | 'count' | 'op' | 'other' | 'root' | 'type', number>;
  /** Makes MPI that of this thread; false if it belongs to another thread of the process. */
  claim(): boolean;
  /** Starts MPI in the thread that has claimed it, once. */
  initialize(threadLevel: number, handlers: NativeHandlers): Promise<NativeWorld>;
  hold(on: boolean): void;
  expect(on: boolean): void;
  setBackoff(milliseconds: number): void;
  whySpawnIsImpossible(): Promise<string>;
  spawn(
    command: string,
    args: readonly string[],
    count: number,
    info: readonly string[],
  ): Promise<NativeCommunicator>;
  duplicate(communicator: number): Promise<NativeCommunicator>;
  disconnect(communicator: number): Promise<void>;
  free(communicator: number): Promise<void>;
  duplicateSelf(): Promise<NativeCommunicator>;
  split(communicator: number, color: number, key: number): Promise<NativeCommunicator | null>;
  merge(communicator: number, high: boolean): Promise<NativeCommunicator>;
  /** Returns why MPI does not accept these keys and values, or an empty string if it does. */
  problemOfInfo(info: readonly string[]): Promise<string>;
  spawnFrom(
    communicator: number,
    root: number,
    command: string,
    args: readonly string[],
    count: number,
    info: readonly string[],
  ): Promise<NativeCommunicator>;
  listen(communicator: number, on: boolean): void;
  exchange(
    communicator: number,
    tag: number,
    sent: readonly (number | ArrayBufferView)[],
    received: readonly (number | ArrayBufferView)[],
  ): Promise<void>;
  sendWithContents(
    communicator: number,
    dest: number,
    packet: ArrayBufferView,
    tag: number,
    contents: ArrayBufferView,
  ): Promise<void>;
  broadcast(communicator: number, memory: Uint8Array, root: number): Promise<void>;
  allgather(
    communicator: number,
    from: ArrayBufferView,
    into: ArrayBufferView,
    sizes: readonly number[],
  ): Promise<void>;
  reduce(
    communicator: number,
    kind: number,
    from: ArrayBufferView,
    into: ArrayBufferView,
    type: number,
    operation: number,
    root: number,
  ): Promise<void>;
  allocate(byteLength: number): ArrayBuffer;
  openChannel(communicator: number, toMaster: boolean): number;
  heartbeat(channel: number, rank: number, milliseconds: number): void;
  peerEnded(channel: number, rank: number): void;
  closeChannel(channel: number): Promise<void>;
  send(
    channel: number,
    rank: number,
    payload: Uint8Array,
    length: number,
    buffers: readonly ArrayBuffer[] | undefined,
    lasting: boolean,
  ): void;
  handOver(): void;
  quit(channel: number, rank: number, disconnect: boolean): void;
  doorbell(): Doorbell;
  connectDoorbell(channel: number, rank: number, doorbell: Doorbell, rings: number): boolean;
  offerRings(channel: number, rank: number): RingsOffer;
  openRings(channel: number, rank: number, offer: RingsOffer): number;
  useRings(channel: number, rank: number, pipe: number): void;
  openDirect(doorbell: Doorbell, rings: RingsOffer): number;
  letRead(pid: number): void;
  shareMemory(size: number): [memory: ArrayBuffer, address: SharedMemoryAddress] | undefined;
  openMemory(address: SharedMemoryAddress, size: number): ArrayBuffer | undefined;
  copy(bytes: ArrayBufferView): ArrayBuffer;
  watchProcess(pid: number): boolean;
  exitWith(pid: number, code: number): boolean;
  unwatchProcess(pid: number): void;
  dieWithParent(): boolean;
  offerOutput(): number[];
  settleOutput(taken: boolean): void;
  finalize(deadline: number, mpiToo: boolean): boolean;
  finalizeLater(): Promise<void>;
  describeEnd(launched: boolean, connecting: boolean, failed: boolean, peers: boolean): void;
  end(code: number): void;
  endAtExit(code: number): void;
  counts(): Record<'channels' | 'communicators' | 'mailboxes', number>;
  abort(code: number, deadline: number): void;
  exitNow(code: number): never;
}
