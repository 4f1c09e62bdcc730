/** Where the addon is built if the folder of this package cannot be written to, and found without being named. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { packageFile, packageVersion } from '../../package_files.js';

/**
 * The folder, there or not: the user's own, of this very copy of the package, and of this kind of machine, since homes are
 * shared. Undefined for a user who has no home.
 */
export function addonCache(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = cacheOfUser(environment);
  if (cache === undefined) return undefined;
  const machine = `${process.platform}-${process.arch}`;
  return join(cache, 'mpi-futures', 'addons', packageVersion(), machine, packageFile(''));
}

function cacheOfUser({ XDG_CACHE_HOME: cache = '' }: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(cache)) return cache;
  try {
    return join(homedir(), '.cache');
  } catch {
    return undefined; // a user that the system does not know, as in some containers
  }
}
