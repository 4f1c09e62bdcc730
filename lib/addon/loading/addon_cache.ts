/**
 * The folder in which the addon is built if the folder of this package is not writable. The addon is found there
 * without any setting.
 */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { attempt } from '../../attempt.js';
import { packageFile, packageVersion } from '../../package_files.js';

/**
 * The path of the folder, which need not exist. It is the user's own, of this very copy of the package, and of this
 * kind of machine, since home folders are shared between machines. Undefined for a user without a home.
 */
export function addonCache(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = cacheOfUser(environment);
  if (cache === undefined) return undefined;
  const machine = `${process.platform}-${process.arch}`;
  return join(cache, 'mpi-futures', 'addons', packageVersion(), machine, packageFile(''));
}

function cacheOfUser({ XDG_CACHE_HOME: cache = '' }: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(cache)) return cache;
  return attempt(() => join(homedir(), '.cache')); // throws for a user that the system does not know, as in some containers
}
