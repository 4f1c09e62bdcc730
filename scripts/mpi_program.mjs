// Runs a program of test/programs under mpiexec, for scripts that run each of them many times.

import path from 'node:path';
import { ScriptError } from './main.mjs';
import { findMpiexec, launchEnvironment, MPI_NAMES } from './mpi_environment.mjs';
import { root } from './paths.mjs';
import { watchedRun } from './watched_run.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */
/** Served: under our launcher, rank 0 being the master of the others. @typedef {{ program: string, args?: readonly string[], ranks: number, served: boolean }} MpiProgram */

/**
 * @param {Implementation} implementation
 * @param {MpiProgram} program
 * @param {{ deadline: number, env?: Record<string, string>, within?: readonly string[] }} options - within: what starts each rank, a
 *   command whose last argument is another one
 */
export function runMpiProgram(
  implementation,
  { program, args: programArgs = [], ranks, served },
  { deadline, env, within = [] },
) {
  const mpiexec = findMpiexec(implementation);
  if (mpiexec === undefined)
    throw new ScriptError(`There is no mpiexec of ${MPI_NAMES[implementation]}`);
  const args = [
    ...['-n', String(ranks), ...within, process.execPath],
    ...(served ? [path.join(root, 'dist/cli/main.js')] : []),
    path.join(root, 'test/programs', program),
    ...programArgs,
  ];
  return watchedRun(mpiexec, args, {
    env: { ...launchEnvironment(implementation), ...env },
    deadline,
  });
}
