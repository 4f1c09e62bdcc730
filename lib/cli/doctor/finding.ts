/** One thing that the doctor has found. */

import type { Implementation } from '../../addon/implementation.js';

/** `ok`: as it should be. `note`: worth knowing. `warning`: something does not work, or not well. `error`: nothing works. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** The names of docs/guide/doctor.md, which never change. */
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
  /** The MPI that it is about, or null. */
  readonly mpi: Implementation | null;
  readonly level: Level;
  /** The state of the thing that `id` names. */
  readonly text: string;
  /** The next step for the user; null where there is nothing to do. */
  readonly advice: string | null;
}

/** A {@link Finding}, as a rule without advice and of no MPI in particular. */
export function finding(
  id: FindingId,
  level: Level,
  text: string,
  advice: string | null = null,
  mpi: Implementation | null = null,
): Finding {
  return { id, mpi, level, text, advice };
}
