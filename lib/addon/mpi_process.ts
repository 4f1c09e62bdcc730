/** MPI in this process: started once, at first use, and ended with the process. */

import { MPIError, MPIUnavailableError, UsageError, type MPIFailure } from '../errors.js';
import type { Addon, NativeCommunicator, NativeWorld } from './addon.js';
import { dispatchMessages, messagesDelivered, peerIsLost, peerLeaves } from './channel.js';
import { watchRanksHere } from './ended_ranks.js';
import { atProcessEnd, processEnding } from './ending.js';
import { beFirstOfRank } from './first_of_rank.js';
import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';
import { haveHome, keepMemoryFunctions, tellLibrary, useIPv4Alone } from './library_settings.js';
import { launcherMismatch, loadAddon, type LoadedAddon } from './loading/load_addon.js';
import { allowAsManyAsAsked } from './oversubscription.js';
import { forgetSegment } from './own_segment.js';
import { dispatchPacket } from './packets.js';
import { perProcess, takeMpi } from './per_process.js';
import { processHasEnded } from './process_watch.js';
import { limitSpawns } from './recovery.js';
import { needNoRemoteShell } from './remote_shell.js';
import { moveMemoryOf } from '../values/buffers/move.js';
import { withSteadyEnvironment } from './steady_environment.js';

/** A process in which MPI runs, with its addon and MPI library. */
export interface MpiProcess extends NativeWorld {
  readonly addon: Addon;
  readonly library: MpiLibrary;
}

const threadLevels = ['single', 'funneled', 'serialized', 'multiple'];

interface State {
  loaded?: LoadedAddon;
  started?: Promise<MpiProcess>;
  initialized?: true;
  finalizing?: Promise<void>;
  finalized?: true;
  quitRequested?: (() => void) | undefined;
  refused?: string;
}

const state = perProcess('mpi', (): State => ({}));

/**
 * Loads the addon and initialises MPI.
 *
 * @param threadLevel - the level to ask for, if this is the first call; default: that of the environment
 * @param meanwhile - called while MPI starts, if this is the first call; the addon then carries out its requests at
 *   once, even if JavaScript is busy
 * @throws {UsageError | MPIUnavailableError | MPIError} (as a rejection) where there is no MPI to use, always saying
 *   what to do
 */
export function startMpi(
  threadLevel?: number,
  meanwhile?: (addon: Addon) => void,
): Promise<MpiProcess> {
  return (state.started ??= start(threadLevel, meanwhile));
}

/** From now on nothing of MPI is loaded or started in this process, for this reason. */
export function refuseMpi(reason: string): void {
  state.refused = reason;
}

function checkIsAllowed(): void {
  if (state.refused !== undefined)
    throw new MPIUnavailableError(state.refused, 'ERR_MPI_STARTED_ELSEWHERE');
}

/** True from the first call that starts MPI on: also while MPI is still starting, and after a start that failed. */
export function isStarted(): boolean {
  return state.started !== undefined;
}

/** True once MPI was initialised, also after it was finalized. */
export function isInitialized(): boolean {
  return state.initialized === true;
}

/** Finalizes MPI once `idle` has resolved, everything sent has left, and the workers have agreed. */
export function finalizeMpi(idle: () => Promise<void>): Promise<void> {
  return (state.finalizing ??= finalizeWhen(idle));
}

async function finalizeWhen(idle: () => Promise<void>): Promise<void> {
  const { addon } = await startMpi();
  await idle();
  await addon.finalizeLater();
  state.finalized = true;
}

/** True from the call that finalizes MPI on. */
export function isFinalizing(): boolean {
  return state.finalizing !== undefined;
}

/** True when MPI_Finalize has returned, or MPI was found to be finalized. */
export function isFinalized(): boolean {
  return state.finalized === true;
}

/**
 * The addon, loaded if it was not, without starting MPI.
 *
 * @throws as {@link loadAddon} does
 */
export function addonOfMpi(): Addon {
  return loadedAddon().addon;
}

/**
 * The addon with its MPI library.
 *
 * @throws as {@link loadAddon} does
 */
export function loadedAddon(): LoadedAddon {
  checkIsAllowed();
  const loaded = (state.loaded ??= loadAddon());
  moveMemoryOf(loaded.addon); // also where another copy of this module, as of another file of jest's, has loaded it
  return loaded;
}

/** Replaces what a worker does when its master tells it to end; undefined: it ends with status 0. */
export function onQuit(action: (() => void) | undefined): void {
  state.quitRequested = action;
}

/**
 * Disconnects a communicator, together with the other side. If that fails, the other side may wait in the call for
 * ever.
 *
 * @throws {MPIError} (as a rejection)
 */
export async function disconnect(addon: Addon, communicator: NativeCommunicator): Promise<void> {
  try {
    await addon.disconnect(communicator.id);
  } catch (error) {
    processEnding().cannotFinalize();
    throw toMpiError(error);
  }
}

/** Converts an error of a native call to the public class. */
export function toMpiError(error: unknown): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ERR_MPI')
    return error;
  return new MPIError(error.message, error as Error & MPIFailure);
}

async function start(
  threadLevel = requestedThreadLevel(),
  meanwhile?: (addon: Addon) => void,
): Promise<MpiProcess> {
  checkIsAllowed();
  takeMpi();
  const { addon, library } = loadedAddon();
  keepMemoryFunctions(library);
  useIPv4Alone(library);
  haveHome(library);
  needNoRemoteShell(library);
  limitSpawns(library);
  allowAsManyAsAsked(library);
  tellLibrary(addon);
  beFirstOfRank(addon, library);
  // Before MPI starts: what MPI itself allows is for more processes. The daemon of a launcher has started all ranks of this host; a
  // program without launcher starts its workers itself.
  addon.letRead(launcher.size > 0 ? process.ppid : process.pid);
  let world: NativeWorld;
  try {
    const handlers = {
      messages: dispatchMessages,
      delivered: messagesDelivered,
      peerLeaves,
      peerLost: peerIsLost,
      processEnded: processHasEnded,
      packet: dispatchPacket,
      quit: () => {
        ending.toldToQuit();
        if (state.quitRequested !== undefined) state.quitRequested();
        else process.exit(0);
      },
    };
    claim(addon);
    const initializing = withSteadyEnvironment(() => addon.initialize(threadLevel, handlers));
    const ending = atProcessEnd(addon, library);
    meanwhile?.(addon);
    world = await unlessRankEnds(initializing).catch((error: unknown) => {
      ending.startFailed();
      throw error;
    });
    if (world.unusable !== '') {
      throw new MPIUnavailableError(world.unusable, 'ERR_MPI_STARTED_ELSEWHERE');
    }
    state.initialized = true;
    forgetSegment(library);
  } catch (error) {
    throw toMpiError(error);
  }
  if (world.parent === null && launcher.size > 1 && world.world.size === 1) {
    throw launcherMismatch(library.implementation, launcher.implementation);
  }
  return { ...world, addon, library };
}

/** @throws {MPIUnavailableError} in a thread other than the one that MPI, or the end of MPI, belongs to */
function claim(addon: Addon): void {
  if (addon.claim()) return;
  throw new MPIUnavailableError(
    'MPI belongs to another thread of this process. Use a ThreadPoolExecutor here, or start MPI in one thread only',
    'ERR_MPI_STARTED_ELSEWHERE',
  );
}

/** MPI_Init waits for all processes of the launcher. */
function unlessRankEnds<T>(initializing: Promise<T>): Promise<T> {
  if (launcher.size < 2) return initializing;
  return new Promise((resolve, reject) => {
    const over = watchRanksHere(reject);
    void initializing.then(resolve, reject).finally(over);
  });
}

function requestedThreadLevel(): number {
  const word = process.env.MPI_FUTURES_THREAD_LEVEL;
  if (!word) return threadLevels.indexOf('multiple');
  const level = threadLevels.indexOf(word.toLowerCase());
  if (level >= 0) return level;
  throw new UsageError(
    `Expected single, funneled, serialized or multiple for MPI_FUTURES_THREAD_LEVEL but received '${word}'`,
  );
}
