/// <reference types="node" preserve="true" />

/**
 * `node --import mpi-futures/run app.js`, under mpiexec: rank 0 goes on to run app.js, all other ranks stay here and
 * serve it. With one rank there are no workers, and executors run in a thread.
 */

import { realpathSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

import { packageFile } from '../package_files.js';
import { runOwnCopy } from './own_copy.js';
import { startRanks } from './ranks.js';

// Threads of the program inherit the flag, and spawned workers find it in NODE_OPTIONS. The command does the same itself,
// when it knows what the program is.
const [, program] = process.argv;
if (isMainThread && !isOwnProgram(program) && !(await runOwnCopy(program))) await startRanks();

function isOwnProgram(path: string | undefined): boolean {
  const own = ['dist/cli/main.js', 'dist/worker/main.js'];
  return path !== undefined && own.some((file) => isSameFile(path, packageFile(file)));
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
