/** Finds and loads the variant of the addon that fits this process. The only file that touches the addon. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { MPIUnavailableError, UsageError } from '../errors.js';
import { packageFile } from '../package_files.js';
import { addonCache } from './addon_cache.js';
import {
  flavorNames,
  flavors,
  isPmiConnected,
  launcher,
  srunPlugin,
  type Flavor,
} from './launcher.js';
import { calmUcx } from './library_settings.js';

/** A communicator as native code describes it; `id` is its handle. */
export interface NativeCommunicator {
  readonly id: number;
  readonly rank: number;
  readonly size: number;
  /** 0 for an intracommunicator. */
  readonly remoteSize: number;
  readonly isInter: boolean;
}

export interface NativeWorld {
  /** Why MPI, which other code of this process has started, cannot be used; nothing else holds then. Empty as a rule. */
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

/** Where a peer on the same host can wake this process: host, process id, file descriptor, token, address. */
export type Doorbell = readonly [
  host: string,
  pid: number,
  fd: number,
  token: string,
  address: string,
];

/** Called by native code on the JavaScript thread. */
export interface NativeHandlers {
  /** Messages that follow each other: channel, source, payload, buffers, channel, source, … */
  messages(batch: readonly unknown[]): void;
  /** After all that has come together, if there were messages. */
  delivered(): void;
  /** A peer cannot be reached any more; what it had sent still comes, and then it is lost. */
  peerLeaves(channel: number, peer: number): void;
  peerLost(channel: number, peer: number, error: Error): void;
  processEnded(pid: number): void;
  /** For a communicator of the user's; an Error: there will be none from `source` any more. */
  packet(communicator: number, source: number, packet: ArrayBuffer | Error): void;
  /** The master has told this worker to end. */
  quit(): void;
}

/** What native/addon.cc exports; each function is described there. */
export interface Addon {
  readonly flavor: Flavor;
  libraryVersion(): string;
  /** Of the process's own environment, where it is not set there; before MPI is initialised. */
  setVariable(name: string, value: string): void;
  standardVersion(): [version: number, subversion: number];
  errorClasses(): Record<'arg' | 'comm' | 'count' | 'op' | 'other' | 'root' | 'type', number>;
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
  /** Why MPI does not take these keys and values; empty if it does. */
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
  meet(channel: number, rank: number, doorbell: Doorbell): boolean;
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

const require = createRequire(import.meta.url);

/**
 * Loads the addon: `MPI_FUTURES_ADDON` if set, else the variant of `MPI_FUTURES_MPI`, else of the launcher's MPI, else
 * the first that can be loaded.
 *
 * @throws {UsageError} for a wrong value of one of the variables
 * @throws {MPIUnavailableError} `ERR_ADDON_NOT_BUILT`, `ERR_MPI_NOT_FOUND` or `ERR_MPI_LAUNCHER_MISMATCH`, saying what to do
 */
export function loadAddon(): Addon {
  const { MPI_FUTURES_ADDON: file, MPI_FUTURES_MPI: chosen } = process.env;
  if (file) {
    if (existsSync(file)) return loadFile(file);
    throw new UsageError(
      `Expected the path of an addon for MPI_FUTURES_ADDON but received '${file}'`,
    );
  }
  const { flavor } = launcher;
  if (chosen) {
    if (!isFlavor(chosen)) {
      throw new UsageError(
        `Expected openmpi or mpich for MPI_FUTURES_MPI but received '${chosen}'`,
      );
    }
    if (flavor !== null && flavor !== chosen) throw launcherMismatch(chosen, flavor);
    return loadFlavor(chosen);
  }
  if (flavor !== null) return loadFlavor(flavor);
  return loadFirst();
}

/** The MPI that was loaded is not the one of the launcher: each process would think it is alone. */
export function launcherMismatch(loaded: Flavor, starter: Flavor | null): MPIUnavailableError {
  const isOther = starter !== null && starter !== loaded;
  const started = isOther
    ? `the mpiexec of ${flavorNames[starter]}`
    : 'a launcher that does not serve it';
  const other = isOther ? starter : flavors.find((flavor) => flavor !== loaded);
  if (srunPlugin !== undefined) {
    return new MPIUnavailableError(
      `${flavorNames[loaded]} was to be used in a process started by srun --mpi=${srunPlugin}, which does not serve it. ` +
        `Use srun --mpi=${loaded === 'openmpi' ? 'pmix' : 'pmi2'}, or the mpiexec of ${flavorNames[loaded]}.`,
      'ERR_MPI_LAUNCHER_MISMATCH',
    );
  }
  return new MPIUnavailableError(
    `${flavorNames[loaded]} was to be used in a process started by ${started}. ` +
      `Use the mpiexec of ${flavorNames[loaded]}, or MPI_FUTURES_MPI=${other}.`,
    'ERR_MPI_LAUNCHER_MISMATCH',
  );
}

function isFlavor(word: string): word is Flavor {
  return (flavors as readonly string[]).includes(word);
}

/** Where the addon for this MPI may be; the first that can be loaded is. */
function placesOf(flavor: Flavor): string[] {
  const cache = addonCache();
  const name = `${flavor}.node`;
  return [
    packageFile(`build/Release/${name}`),
    ...(cache === undefined ? [] : [join(cache, name)]),
  ];
}

/** Where the addon for this MPI is, if it was built. */
export function builtAddon(flavor: Flavor): string | undefined {
  return placesOf(flavor).find(existsSync);
}

function loadFlavor(flavor: Flavor): Addon {
  const built = placesOf(flavor).filter(existsSync);
  if (built.length === 0) {
    throw new MPIUnavailableError(
      `The addon has not been built for ${flavorNames[flavor]}. ` +
        `Install its development files, if they are missing, and run: npx mpi-futures build`,
      'ERR_ADDON_NOT_BUILT',
    );
  }
  return firstLoaded(built, (file) => loadFile(file, flavor));
}

function loadFirst(): Addon {
  const built = flavors.filter((flavor) => builtAddon(flavor) !== undefined);
  if (built.length === 0) {
    throw new MPIUnavailableError(
      'The addon has not been built. Install an MPI with its development files ' +
        '(Debian, Ubuntu: apt-get install libopenmpi-dev openmpi-bin; macOS: brew install open-mpi) ' +
        'and run: npx mpi-futures build',
      'ERR_ADDON_NOT_BUILT',
    );
  }
  return firstLoaded(built, loadFlavor);
}

/** @throws what the first of them has thrown, where none can be loaded */
function firstLoaded<Choice>(choices: readonly Choice[], load: (choice: Choice) => Addon): Addon {
  let failure: unknown;
  for (const choice of choices) {
    try {
      return load(choice);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function loadFile(file: string, flavor?: Flavor): Addon {
  if (flavor === 'mpich' && !isPmiConnected()) {
    throw new MPIUnavailableError(
      'This process cannot reach the mpiexec of MPICH that started it: npx, or another program in between, has not passed on ' +
        'the connection (PMI_FD). Name the command itself: mpiexec -n N node_modules/.bin/mpi-futures app.js. Child processes ' +
        'of a rank, such as those of jest, have none: use jest -i',
      'ERR_MPI_LAUNCHER_MISMATCH',
    );
  }
  calmUcx();
  try {
    return require(file) as Addon;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const mpi = flavor === undefined ? 'its MPI' : flavorNames[flavor];
    throw new MPIUnavailableError(
      `The addon ${file} cannot be loaded: ${reason}. Is ${mpi} installed, and the one it was built with? ` +
        'To build it for the MPI of this machine run: npx mpi-futures build',
      'ERR_MPI_NOT_FOUND',
      { cause },
    );
  }
}
