/** The ways a program is started: on MPI, or with worker threads. Most behaviour must be the same in all of them. */

import path from 'node:path';
import {
  canMpichSpawn,
  majorOfOpenMpi,
  MPI_NAMES,
  runnableImplementations,
} from '../../scripts/mpi_environment.mjs';
import { root } from '../../scripts/paths.mjs';
import { isSpawningMpichRunnable, spawningMpich } from '../../scripts/spawning_mpich.mjs';
import { runProgram, type Mpi, type ProgramOptions, type ProgramResult } from './program.js';
import { skipped } from './unless.js';

export interface Layout {
  name: string;
  /** The MPI that it needs; null: none. */
  mpi: Mpi | null;
  /** True if an mpiexec starts the program; the status is then that of mpiexec. */
  launched: boolean;
  /** True if workers are spawned when a pool needs them; false if they are there from the start. */
  spawns: boolean;
  /** More settings for runProgram, where something else than `run` starts a program. */
  installation?: Installation;
  /** Runs a program of test/programs, or any file given as an absolute path, with two workers. */
  run: (
    program: string,
    options?: Omit<ProgramOptions, 'mpi' | 'ranks' | 'program'>,
  ) => Promise<ProgramResult>;
}

export const WORKERS = 2;
const twoWorkers = { MPI_FUTURES_MAX_WORKERS: String(WORKERS) };

/** The variable that tells programs which executor to take: see test/programs/executor.mjs. */
const executorVariable = 'MPI_FUTURES_TEST_EXECUTOR';

export const LAUNCHER = path.join(root, 'dist/cli/main.js');

/** A second installation of an MPI. */
type Installation = Pick<ProgramOptions, 'mpiexec' | 'env'>;

/** The MPICH that can spawn: one that was built (scripts/build_spawning_mpich.mjs), or that of the system. */
export const spawningMpichOptions: Installation | undefined = isSpawningMpichRunnable()
  ? { mpiexec: spawningMpich.mpiexec, env: { MPI_FUTURES_ADDON: spawningMpich.addon } }
  : canMpichSpawn()
    ? {}
    : undefined;

export const layouts: readonly Layout[] = [
  spawned('openmpi'),
  staticPool('openmpi'),
  staticPool('mpich'),
  singleton('openmpi'),
  ...(spawningMpichOptions ? [spawned('mpich', spawningMpichOptions)] : []),
];

/** Workers are threads of the program, which is run without mpiexec. */
export const threads: Layout = {
  name: 'threads',
  mpi: null,
  launched: false,
  spawns: false,
  run: (program, options = {}) =>
    runProgram({
      ...options,
      mpi: null,
      program: programFile(program),
      env: { [executorVariable]: 'ThreadPoolExecutor', ...twoWorkers, ...options.env },
    }),
};

/** The same where no addon can be loaded. Threads use one for the memory of large buffers only, so few programs are run like this. */
export const threadsWithoutAddons: Layout = {
  ...threads,
  name: 'threads without addons',
  run: (program, options = {}) =>
    threads.run(program, {
      ...options,
      nodeArgs: ['--no-addons', ...(options.nodeArgs ?? [])],
    }),
};

/** The MPIs that programs can be run with here: an addon was built for them, and they have a launcher. */
export function availableMpis(): Mpi[] {
  return runnableImplementations();
}

/** Describes the same behaviour on each layout of `choice`. Where the MPI is missing one skipped test says so. */
export function describeOnEachMpi(
  name: string,
  body: (layout: Layout) => void,
  choice = layouts,
): void {
  for (const layout of choice) {
    const title = `${name}: ${layout.name}`;
    if (layout.mpi === null) describe(title, () => body(layout));
    else describeOn(layout.mpi, title, () => body(layout));
  }
}

/** The same, on worker threads too. The program takes its executor from test/programs/executor.mjs. */
export function describeOnEachLayout(name: string, body: (layout: Layout) => void): void {
  describeOnEachMpi(name, body, [...layouts, threads]);
}

/** The same for what concerns one MPI only. */
export function describeOn(mpi: Mpi, name: string, body: () => void): void {
  describe(name, () => {
    if (availableMpis().includes(mpi)) {
      body();
      return;
    }
    const missing = `needs the mpiexec of ${MPI_NAMES[mpi]} and the addon built for it`;
    skipped(name, missing);
  });
}

/** The same for what needs Open MPI's recovery, which later generations do not have. */
export function describeOnOpenMpi4(name: string, body: () => void): void {
  const major = majorOfOpenMpi();
  if (major < 5) {
    describeOn('openmpi', name, body);
    return;
  }
  describe(name, () => {
    const why = `Open MPI ${major} has no recovery that a program could go on with (docs/design/lifecycle.md)`;
    skipped(name, why);
  });
}

/** The absolute path of a program of test/programs. */
export function programFile(program: string): string {
  return path.resolve(root, 'test/programs', program);
}

function spawned(mpi: Mpi, installation: Installation = {}): Layout {
  return {
    name: `${mpi} spawned`,
    mpi,
    launched: true,
    spawns: true,
    installation,
    run: (program, options = {}) =>
      runProgram({
        ...options,
        ...installation,
        mpi,
        ranks: 1,
        program: programFile(program),
        env: { ...twoWorkers, ...installation.env, ...options.env },
      }),
  };
}

function staticPool(mpi: Mpi): Layout {
  return {
    name: `${mpi} static`,
    mpi,
    launched: true,
    spawns: false,
    run: (program, options = {}) =>
      runProgram({
        ...options,
        mpi,
        ranks: 1 + WORKERS,
        program: LAUNCHER,
        args: [programFile(program), ...(options.args ?? [])],
      }),
  };
}

function singleton(mpi: Mpi): Layout {
  return {
    name: `${mpi} singleton`,
    mpi,
    launched: false,
    spawns: true,
    run: (program, options = {}) =>
      runProgram({
        ...options,
        mpi: null,
        program: programFile(program),
        env: { MPI_FUTURES_MPI: mpi, ...twoWorkers, ...options.env },
      }),
  };
}
