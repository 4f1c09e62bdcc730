/** Those that are measured, and how each of them is started. */

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  findMpiexec,
  launchEnvironment,
  MPI_NAMES,
  runnableImplementations,
} from '../scripts/mpi_environment.mjs';
import { root } from '../scripts/paths.mjs';
import { capture, findProgram } from '../scripts/programs.mjs';
import { versionOf } from './support/peers.mjs';
import { run } from './support/run.mjs';

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {'ours' | 'node' | 'python' | 'c'} kind
 * @property {(group: import('./plan.mjs').Group) => object} [measure] a fresh master with fresh workers
 * @property {(picture: string) => number} [drawJulia] milliseconds of the whole program
 * @property {() => number} [start] milliseconds of a whole program that starts two workers, and ends
 * @property {() => object} [scale] how much more of the master's CPU a task takes with 4096 workers than with 4
 * @property {(bytes: number, times: number) => object} [exchange] large messages between two ranks
 */

const file = (...parts) => path.join(root, 'bench', ...parts);
const launcher = path.join(root, 'dist/cli/main.js');
const julia = path.join(root, 'examples/julia.mjs');

/** Those that can run here; `missing` says what of the others is not here. */
export function findContenders() {
  const missing = [];
  const implementations = runnableImplementations();
  const contenders = [
    ...implementations.flatMap(ours),
    threads(),
    simulated(),
    ...['piscina', 'piscina_64', 'tinypool', 'workerpool'].map(nodePool),
  ];
  const python = findPython('openmpi');
  if (python && implementations.includes('openmpi')) contenders.push(mpi4py(python, 'openmpi'));
  else
    missing.push(
      'mpi4py.futures: it needs mpi4py on Open MPI, and numpy (Debian, Ubuntu: apt-get install python3-mpi4py python3-numpy). PYTHON=… names another interpreter.',
    );
  if (python) contenders.push(processPool(python));
  else missing.push("CPython's ProcessPoolExecutor: it needs numpy here.");
  for (const implementation of implementations) {
    const c = cProgram(implementation);
    if (c) contenders.push(c);
    else missing.push(`C over ${MPI_NAMES[implementation]}: it needs mpicc.`);
  }
  return { contenders, missing };
}

/** This project on one MPI: its workers spawned, where that is possible, and started with their master. */
function ours(implementation) {
  const name = `mpi-futures, ${MPI_NAMES[implementation]}`;
  const program = file('programs/measure.mjs');
  const start = file('programs/start.mjs');
  const spawned = {
    name: `${name}, spawned`,
    kind: 'ours',
    measure: (group) =>
      json(mpiexec(implementation, 1, [node, program, 'mpi_futures', JSON.stringify(group)])),
    drawJulia: (picture) =>
      mpiexec(implementation, 1, [node, julia, picture], twoWorkers).milliseconds,
    start: () => mpiexec(implementation, 1, [node, start], twoWorkers).milliseconds,
  };
  const together = {
    name: `${name}, static`,
    kind: 'ours',
    measure: (group) =>
      json(
        mpiexec(implementation, 1 + group.workers, [
          ...[node, launcher, program, 'mpi_futures'],
          JSON.stringify(group),
        ]),
      ),
    drawJulia: (picture) =>
      mpiexec(implementation, 3, [node, launcher, julia, picture]).milliseconds,
    start: () => mpiexec(implementation, 3, [node, launcher, start]).milliseconds,
    exchange: (bytes, times) =>
      json(
        mpiexec(implementation, 2, [
          ...[node, file('programs/messages.mjs')],
          ...[String(bytes), String(times)],
        ]),
      ),
  };
  // Debian's MPICH cannot spawn.
  return implementation === 'mpich' ? [together] : [spawned, together];
}

function threads() {
  return { name: 'mpi-futures, threads', kind: 'ours', measure: measureWith('threads') };
}

function simulated() {
  return {
    name: 'mpi-futures, simulated workers',
    kind: 'ours',
    scale: () => json(run(node, [file('scaling.mjs'), '--ratio'], quietEnvironment())),
  };
}

function nodePool(pool) {
  const packageName = pool.split('_')[0];
  const names = { piscina: ', default', piscina_64: ', 64 tasks per worker' };
  return {
    name: `${packageName} ${versionOf(packageName)}${names[pool] ?? ''}`,
    kind: 'node',
    measure: measureWith(pool),
  };
}

const measureWith = (pool) => (group) =>
  json(run(node, [file('programs/measure.mjs'), pool, JSON.stringify(group)], quietEnvironment()));

function mpi4py(python, implementation) {
  const { output } = capture(python, ['-c', 'import mpi4py; print(mpi4py.__version__)']);
  return {
    name: `mpi4py.futures ${output.trim()}`,
    kind: 'python',
    measure: (group) =>
      json(
        mpiexec(implementation, 1, [
          ...[python, file('peers/measure.py'), 'mpi4py'],
          JSON.stringify(group),
        ]),
      ),
    drawJulia: (picture) =>
      mpiexec(implementation, 1, [python, file('peers/julia.py'), picture], {
        MPI4PY_FUTURES_MAX_WORKERS: '2',
      }).milliseconds,
  };
}

function processPool(python) {
  const { output } = capture(python, ['--version']);
  return {
    name: `ProcessPoolExecutor, ${output.trim()}`,
    kind: 'python',
    measure: (group) =>
      json(run(python, [file('peers/measure.py'), 'process', JSON.stringify(group)], process.env)),
  };
}

/** MPI itself; undefined where there is no compiler for it. */
function cProgram(implementation) {
  const compiler = findProgram(`mpicc.${implementation}`);
  const directory = path.join(root, 'build', 'bench');
  const program = path.join(directory, `measure-${implementation}`);
  mkdirSync(directory, { recursive: true });
  if (!compiler || !capture(compiler, ['-O2', file('peers/measure.c'), '-o', program]).ok) return;
  return {
    name: `C over ${MPI_NAMES[implementation]}`,
    kind: 'c',
    start: () => mpiexec(implementation, 3, [program]).milliseconds,
    exchange: (bytes, times) =>
      json(
        mpiexec(implementation, 2, [
          program,
          '5000',
          String(2 ** 26),
          '7',
          String(bytes),
          String(times),
        ]),
      ),
  };
}

/** A Python with mpi4py, of this MPI, and numpy; undefined if there is none. */
function findPython(implementation) {
  const probe =
    'import numpy; from mpi4py import MPI, futures; print(MPI.Get_library_version().split(",")[0])';
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean);
  return candidates.find((python) => {
    const { ok, output } = capture(python, ['-c', probe], launchEnvironment(implementation));
    return ok && output.includes(MPI_NAMES[implementation]);
  });
}

const node = process.execPath;
const twoWorkers = { MPI_FUTURES_MAX_WORKERS: '2' };
const json = ({ stdout }) => JSON.parse(stdout);

function mpiexec(implementation, ranks, command, variables = {}) {
  const env = { ...quietEnvironment(), ...launchEnvironment(implementation), ...variables };
  delete env.NODE_EXTRA_CA_CERTS;
  return run(findMpiexec(implementation), ['-n', String(ranks), ...command], env);
}

function quietEnvironment() {
  const env = { ...process.env, NO_COLOR: '1' };
  // This variable makes Node.js 20 parse all root certificates at its start, for 80 ms that have nothing to do with the contenders.
  delete env.NODE_EXTRA_CA_CERTS;
  return env;
}
