/** Open MPI's mpiexec does not run as root. */

import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

/** Reports if Open MPI will refuse to run as root. */
export function rootFindings({ user, environment, mpiexecs, launcher }: Facts): Finding[] {
  if (user !== 0) return [finding('root', 'ok', 'Not running as root')];
  const text = 'Running as root';
  const isOpenMpiHere = mpiexecs.some(({ implementation }) => implementation === 'openmpi');
  if (!isOpenMpiHere || launcher.size > 0) return [finding('root', 'note', text)];
  const isAllowed = (['OMPI', 'PRTE'] as const).some(
    (name) =>
      environment[`${name}_ALLOW_RUN_AS_ROOT`] === '1' &&
      environment[`${name}_ALLOW_RUN_AS_ROOT_CONFIRM`] === '1',
  );
  if (isAllowed)
    return [finding('root', 'note', `${text}, which Open MPI was told to allow`, null, 'openmpi')];
  return [
    finding(
      'root',
      'warning',
      `${text}: the mpiexec of Open MPI refuses that by default`,
      'Use another user; or, in a container: export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, ' +
        'and for Open MPI 5 and later without mpiexec also PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1',
      'openmpi',
    ),
  ];
}
