/** Those that are measured: how each runs the two programs that the figures come from. */

import path from 'node:path';
import { findMpiexec, launchEnvironment, MPI_NAMES } from '../../scripts/mpi_environment.mjs';
import { root } from '../../scripts/paths.mjs';
import { capture } from '../../scripts/programs.mjs';
import { run } from './run.mjs';

/**
 * What the pool programs do. A burst is so many tasks in flight; a contender that is slower with more of them is given
 * smaller ones.
 * @typedef {Record<'bursts' | 'tasks' | 'singles' | 'trips' | 'length', number>} Work
 */

/** @type {Work} */
export const WORK = {
  bursts: 5,
  tasks: 20_000,
  singles: 5000,
  trips: 15,
  length: (64 * 2 ** 20) / Float64Array.BYTES_PER_ELEMENT,
};

/** The same sizes, and so the same medians with fewer samples. @type {Work} */
export const QUICK_WORK = { ...WORK, bursts: 3, trips: 7 };

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(work: Work) => Record<string, number>} measurePool one fresh run of the pool program
 * @property {(picture: string) => number} drawJulia milliseconds of one fresh run of the Julia program
 */

/** This project, its workers spawned. @returns {Contender} */
export function ours(implementation) {
  const start = (maxWorkers, program, argument) =>
    mpiexec(implementation, 1, [process.execPath, program, argument], {
      MPI_FUTURES_MAX_WORKERS: String(maxWorkers),
    });
  return contender(`mpi-futures, ${MPI_NAMES[implementation]}, spawned`, start, nodePrograms);
}

/** This project, its workers started together with it. @returns {Contender} */
export function oursStatic(implementation) {
  const launcher = path.join(root, 'dist/cli/main.js');
  const start = (workers, program, argument) =>
    mpiexec(implementation, 1 + workers, [process.execPath, launcher, program, argument]);
  return contender(`mpi-futures, ${MPI_NAMES[implementation]}, static`, start, nodePrograms);
}

/** mpi4py.futures, its workers spawned. @returns {Contender} */
export function mpi4py(python, implementation) {
  const start = (maxWorkers, program, argument) =>
    mpiexec(implementation, 1, [python, program, argument], {
      MPI4PY_FUTURES_MAX_WORKERS: String(maxWorkers),
    });
  return contender('mpi4py.futures', start, {
    pool: path.join(root, 'bench/peers/pool.py'),
    julia: path.join(root, 'bench/peers/julia.py'),
  });
}

/** A Python with mpi4py, of this MPI, and numpy; undefined if there is none. */
export function findPython(implementation) {
  const probe =
    'import numpy; from mpi4py import MPI, futures; print(MPI.Get_library_version().split(",")[0])';
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean);
  return candidates.find((python) => {
    const { ok, output } = capture(python, ['-c', probe], launchEnvironment(implementation));
    return ok && output.includes(MPI_NAMES[implementation]);
  });
}

const nodePrograms = {
  pool: path.join(root, 'bench/programs/pool.mjs'),
  julia: path.join(root, 'examples/julia.mjs'),
};

function contender(name, start, programs) {
  return {
    name,
    measurePool: (work) => JSON.parse(start(1, programs.pool, JSON.stringify(work)).stdout),
    drawJulia: (picture) => start(2, programs.julia, picture).milliseconds,
  };
}

function mpiexec(implementation, ranks, command, variables = {}) {
  const env = { ...launchEnvironment(implementation), NO_COLOR: '1', ...variables };
  // Has Node.js 20 parse all root certificates when it starts: 80 ms that are none of this package's.
  delete env.NODE_EXTRA_CA_CERTS;
  return run(findMpiexec(implementation), ['-n', String(ranks), ...command], env);
}
