/// <reference types="node" preserve="true" />

/** `mpi-futures/mpi`: communicators of MPI, with their operations as promises. See docs/guide/mpi.md. */

import { takePartAtEnd } from './all_ranks.js';

export { COMM_SELF, COMM_WORLD } from './world.js';
export { Communicator, getParent, Intercommunicator } from './communicator.js';
export type { SpawnOptions } from './spawning.js';
export { Info } from './info.js';
export type { InfoLike, InfoValue } from './info.js';
export {
  finalize,
  finalized,
  initialize,
  initialized,
  libraryVersion,
  processorName,
  queryThread,
  standardVersion,
  ThreadLevel,
  universeSize,
  wtime,
} from './environment.js';
export type { InitializeOptions } from './environment.js';
export { abort } from './starting.js';
export type { ReduceFunction, TypedArray } from './communicator.js';
export type { Message, MessageInfo } from './messages/point_to_point.js';
export { ANY_SOURCE, ANY_TAG, PROC_NULL } from './constants.js';
export { BAND, BOR, BXOR, LAND, LOR, MAX, MIN, PROD, SUM } from './collectives/operations.js';
export type { Operation } from './collectives/operations.js';
export { InvalidStateError, MPIError, SpawnError } from '../errors.js';

takePartAtEnd();
