/** Findings about the ways to start a program that work here. */

import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import type { Trial, Way } from '../trials.js';
import { isMismatch } from './addon.js';
import { libraryName } from './library.js';
import { mostWorkers, plural } from './slots.js';

/** The command of each way, as a user types it. */
export const commandLines: Readonly<Record<Way, string>> = {
  alone: 'node app.js',
  spawned: 'mpiexec -n 1 node app.js',
  static: 'mpiexec -n N mpi-futures app.js',
  here: 'this launcher',
};

/** Reports for each way if a pool works in it, and with how many workers. */
export function wayFindings(facts: Facts, trials: readonly Trial[]): Finding[] {
  return trials
    .filter((trial) => !isAboutAddon(trial))
    .map((trial) =>
      trial.way === 'here' ? describeHere(trial, facts) : describe(trial, trials, facts),
    );
}

/**
 * True if the finding belongs to the addon's. Without a library `alone` and `here` fail because of the addon; the other
 * ways are tried only with a library.
 */
function isAboutAddon({ way, report }: Trial): boolean {
  const isFirst = way === 'alone' || way === 'here';
  return isFirst && report.library === undefined && !isMismatch(report);
}

function describe(trial: Trial, trials: readonly Trial[], facts: Facts): Finding {
  const { way, mpi, works, report, failure } = trial;
  const line = `${commandLines[way]}, with ${libraryName(trial)}`;
  if (works) {
    const time = `${((report.milliseconds ?? 0) / 1000).toFixed(1)} s`;
    return finding(
      way,
      'ok',
      `${line}: a worker has done a task, ${time} after the start; ${roomFor(mostWorkers(trial, facts))}`,
      null,
      mpi,
    );
  }
  if (mpi === 'mpich' && way === 'alone' && isAboutSpawning(trial)) {
    const text = `${line}: MPICH does not spawn workers without its mpiexec`;
    return finding(way, 'note', text, 'Start the program by mpiexec', mpi);
  }
  if (cannotSpawn(trial)) {
    return finding(
      way,
      'warning',
      `${line}: this MPICH cannot spawn workers`,
      howWithoutSpawn,
      mpi,
    );
  }
  const others = trials.filter((other) => other.mpi === mpi && other.works);
  return finding(way, 'warning', `${line}: ${failure}`, adviceFor(failure, others), mpi);
}

/** The number of workers in words. */
export function roomFor(workers: number | null): string {
  return workers === null ? 'as many workers as are asked for' : `room for ${plural(workers)}`;
}

const howWithoutSpawn =
  'Start all processes together: mpiexec -n N mpi-futures app.js; or use Open MPI, or an MPICH with device ch3 or ch4:ofi';

function isAboutSpawning({ report }: Trial): boolean {
  return report.error?.code === 'ERR_SPAWN';
}

/**
 * True for an MPICH that cannot spawn, such as Debian's: ch4:ucx does not support ports, by which spawned processes
 * would connect.
 */
export function cannotSpawn({ report }: Trial): boolean {
  return report.canSpawn === false;
}

function adviceFor(failure: string, others: readonly Trial[]): string {
  if (failure.includes('as root')) {
    return 'Use another user; or, in a container: export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1';
  }
  if (failure.includes('not enough slots'))
    return 'Allow more processes than cores: mpiexec --oversubscribe';
  if (failure.includes('longer than'))
    return 'If this machine is only slow: mpi-futures doctor --timeout 120';
  if (failure.includes('Unable to start a daemon'))
    return 'Open MPI starts a program of its own, orted: add the directory of its mpiexec to PATH';
  const [other] = others;
  if (other !== undefined) return `Use ${commandLines[other.way]}`;
  return 'Try the same with a program in C (mpicc): if that fails too, this MPI is not installed properly';
}

function describeHere(trial: Trial, { launcher, srunPlugin }: Facts): Finding {
  const { works, mpi, report, failure } = trial;
  if (!works) {
    const advice = isMismatch(report)
      ? 'The launcher and the addon must be of the same MPI: mpi-futures doctor without mpiexec shows what is installed'
      : 'mpi-futures doctor without mpiexec tries every way to start';
    return finding('here', 'error', failure, advice, mpi);
  }
  const name = libraryName(trial);
  if (launcher.size > 1) {
    const text = `${name} connects ${launcher.size} processes: mpi-futures app.js has ${plural(launcher.size - 1)} here`;
    return finding('here', 'ok', text, null, mpi);
  }
  if (srunPlugin !== undefined) {
    const text = `${name} has started, but srun cannot spawn workers`;
    return finding('here', 'warning', text, 'srun -n N mpi-futures app.js', mpi);
  }
  if (cannotSpawn(trial)) {
    return finding(
      'here',
      'warning',
      `${name} has started, but cannot spawn workers`,
      howWithoutSpawn,
      mpi,
    );
  }
  return finding('here', 'ok', `${name} has started; a pool spawns its workers`, null, mpi);
}
