/**
 * `node --import mpi-futures/run app.js`, under mpiexec: rank 0 goes on to run app.js, all other ranks stay here and
 * serve it. With one rank there is nobody to serve it, and executors run in a thread.
 */

import { realpathSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

import { packageFile } from '../package_files.js';
import { startRanks } from './ranks.js';

// Threads of the program inherit the flag. The command does the same itself, when it knows what the program is.
if (isMainThread && !isCommand(process.argv[1])) await startRanks();

function isCommand(path: string | undefined): boolean {
  try {
    return (
      path !== undefined && realpathSync(path) === realpathSync(packageFile('dist/cli/main.js'))
    );
  } catch {
    return false;
  }
}
