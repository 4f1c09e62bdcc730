/**
 * Detects a refusal to spawn as root. Without mpiexec, Open MPI 5 and later start a `prte` at the first spawn, which
 * refuses to run as root. MPI_Comm_spawn then reports only an unknown error.
 */

import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';

const variables = ['PRTE_ALLOW_RUN_AS_ROOT', 'PRTE_ALLOW_RUN_AS_ROOT_CONFIRM'];

/** The end of the message about a spawn that was refused. */
export const rootAdvice =
  `If that is intended, as in a container, set ${variables.map((name) => `${name}=1`).join(' ')}; ` +
  'or run the program as another user.';

/** True where the first spawn of this process would be refused. */
export function isRefusedAsRoot(
  { implementation, major }: MpiLibrary,
  environment: NodeJS.ProcessEnv = process.env,
  user = process.getuid?.(),
): boolean {
  if (implementation !== 'openmpi' || major < 5 || launcher.size > 0 || user !== 0) return false;
  return !variables.every((name) => environment[name] === '1');
}
