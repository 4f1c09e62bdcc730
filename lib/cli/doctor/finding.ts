/** The findings of the doctor. */

import type { Implementation } from '../../addon/implementation.js';

/** `ok`: as it should be. `note`: worth knowing. `warning`: something does not work, or not well. `error`: nothing works. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** The names of docs/guide/doctor.md, which do not change between versions. */
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

/** A line of the doctor's report, and an entry of its --json. */
export interface Finding {
  readonly id: FindingId;
  /** The MPI that the finding is about, or null. */
  readonly mpi: Implementation | null;
  readonly level: Level;
  /** The state of the subject that `id` names. */
  readonly text: string;
  /** The user's next step; null where there is nothing to do. */
  readonly advice: string | null;
}

/** Makes a {@link Finding}. Most have no advice and are about no MPI in particular. */
export function finding(
  id: FindingId,
  level: Level,
  text: string,
  advice: string | null = null,
  mpi: Implementation | null = null,
): Finding {
  return { id, mpi, level, text, advice };
}
