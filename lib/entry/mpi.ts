/** The entry `mpi-futures/mpi`: see copies.ts. Its types are those of mpi/index.ts. */

import * as own from '../mpi/index.js';
import { exportsOf } from '../copies.js';

/** The public names, of this copy of the package or of the copy that was loaded first. */
export const {
  abort,
  ANY_SOURCE,
  ANY_TAG,
  BAND,
  BOR,
  BXOR,
  COMM_SELF,
  COMM_WORLD,
  Communicator,
  finalize,
  finalized,
  getParent,
  Info,
  initialize,
  initialized,
  Intercommunicator,
  InvalidStateError,
  LAND,
  libraryVersion,
  LOR,
  MAX,
  MIN,
  MPIError,
  PROC_NULL,
  processorName,
  PROD,
  queryThread,
  SpawnError,
  standardVersion,
  SUM,
  ThreadLevel,
  universeSize,
  wtime,
} = exportsOf('mpi', own);
