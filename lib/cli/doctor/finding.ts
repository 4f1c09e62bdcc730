/** One thing that the doctor has found. */

import type { Implementation } from '../../addon/implementation.js';

/** `ok`: as it should be. `note`: worth knowing. `warning`: something does not work, or not well. `error`: nothing works. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** What docs/guide/doctor.md lists; these names never change. */
export type FindingId =
  | 'node'
  | 'variables'
  | 'launcher'
  | 'hosts'
  | 'root'
  | 'peer-memory'
  | 'addon'
  | 'mpiexec'
  | 'library'
  | 'thread-level'
  | 'slots'
  | 'cores'
  | 'spawned'
  | 'static'
  | 'alone'
  | 'here';

export interface Finding {
  readonly id: FindingId;
  /** The MPI that it is about, or null. */
  readonly mpi: Implementation | null;
  readonly level: Level;
  /** What is so. */
  readonly text: string;
  /** What to do now; null where there is nothing to do. */
  readonly advice: string | null;
}

export function finding(
  id: FindingId,
  level: Level,
  text: string,
  advice: string | null = null,
  mpi: Implementation | null = null,
): Finding {
  return { id, mpi, level, text, advice };
}
