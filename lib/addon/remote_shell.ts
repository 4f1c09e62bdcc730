/**
 * The remote shell by which Open MPI starts its daemons on other hosts. Open MPI 4 ends a program, and its mpiexec, where it finds none, as
 * in most containers, also on one host, where it needs none (https://github.com/open-mpi/ompi/issues/12386).
 */

import { isOnPath } from '../process/executables.js';
import type { MpiLibrary } from './implementation.js';

const usual = ['ssh', 'rsh'];
const agent = 'OMPI_MCA_plm_rsh_agent';

/** The variables with which Open MPI 4 does without a remote shell; none where it has one, or the user has chosen. */
export function withoutRemoteShell(environment = process.env): Record<string, string> {
  const isChosen = [agent, 'OMPI_MCA_plm'].some((name) => environment[name] !== undefined);
  if (isChosen || usual.some((shell) => isOnPath(shell, environment.PATH))) return {};
  return { [agent]: '' };
}

/** Called before MPI starts. */
export function needNoRemoteShell({ implementation, major }: MpiLibrary): void {
  if (implementation === 'openmpi' && major < 5) Object.assign(process.env, withoutRemoteShell());
}
