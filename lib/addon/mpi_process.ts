/** MPI in this process: started once, at first use, and ended with the process. */

import { MPIError, MPIUnavailableError, UsageError, type MPIFailure } from '../errors.js';
import type { Addon, NativeCommunicator, NativeWorld } from './addon.js';
import { dispatchMessages, messagesDelivered, peerIsLost, peerLeaves } from './channel.js';
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

/** A process in which MPI runs, with the addon and library that it runs by. */
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
}

const state = perProcess('mpi', (): State => ({}));

/**
 * Loads the addon and initialises MPI.
 *
 * @param threadLevel - to ask for, if this is the first call; default: that of the environment
 * @param meanwhile - called while MPI starts, if this is the first call: what it asks of the addon is done at once then, even if
 *   JavaScript is busy
 * @throws {UsageError | MPIUnavailableError | MPIError} (as a rejection) where there is no MPI to use, always saying what to do
 */
export function startMpi(
  threadLevel?: number,
  meanwhile?: (addon: Addon) => void,
): Promise<MpiProcess> {
  return (state.started ??= start(threadLevel, meanwhile));
}

/** True from the first call that starts MPI, while it still starts too, and also after it has failed. */
export function isStarted(): boolean {
  return state.started !== undefined;
}

/** True once MPI was initialised, also after it was finalized. */
export function isInitialized(): boolean {
  return state.initialized === true;
}

/** Finalizes MPI when `idle` is resolved, all that was sent has left, and workers have agreed to. */
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

/** Loads it where it was not; without starting MPI. @throws as {@link loadAddon} does */
export function addonOfMpi(): Addon {
  return loadedAddon().addon;
}

/** With the library that came with it. @throws as {@link loadAddon} does */
export function loadedAddon(): LoadedAddon {
  return (state.loaded ??= loadAddon());
}

/** Replaces the action of a worker whose master tells it to end; undefined: it ends with status 0. */
export function onQuit(action: (() => void) | undefined): void {
  state.quitRequested = action;
}

/**
 * Ends a connection, together with the other side. Where that fails the other side may wait in it for ever.
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

/** An error of a native call with the class that users know. */
export function toMpiError(error: unknown): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ERR_MPI')
    return error;
  return new MPIError(error.message, error as Error & MPIFailure);
}

async function start(
  threadLevel = requestedThreadLevel(),
  meanwhile?: (addon: Addon) => void,
): Promise<MpiProcess> {
  takeMpi();
  const { addon, library } = loadedAddon();
  keepMemoryFunctions(library);
  useIPv4Alone(library);
  haveHome(library);
  limitSpawns(library);
  allowAsManyAsAsked(library);
  tellLibrary(addon);
  beFirstOfRank(addon, library);
  let world: NativeWorld;
  try {
    const initializing = initialize(addon, threadLevel, {
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
    });
    const ending = atProcessEnd(addon, library);
    meanwhile?.(addon);
    world = await initializing.catch((error: unknown) => {
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

/** @throws {MPIUnavailableError} in a thread that MPI does not belong to, and whose end is none of MPI */
function initialize(addon: Addon, ...args: Parameters<Addon['initialize']>): Promise<NativeWorld> {
  try {
    return addon.initialize(...args);
  } catch (cause) {
    const { message } = cause as Error;
    throw new MPIUnavailableError(
      `${message}. Use a ThreadPoolExecutor here, or start MPI in one thread only`,
      'ERR_MPI_STARTED_ELSEWHERE',
      { cause },
    );
  }
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
