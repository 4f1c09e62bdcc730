/**
 * Findings about the MPI library: its version, its network device, the mpiexec that belongs to it, and its thread
 * level.
 */

import { implementationNames } from '../../../addon/implementation.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import type { Trial } from '../trials.js';

const threadLevels = ['SINGLE', 'FUNNELED', 'SERIALIZED', 'MULTIPLE'];
const serialized = 2;

/** @param trials - the first trial of each MPI */
export function libraryFindings(facts: Facts, trials: readonly Trial[]): Finding[] {
  return trials.flatMap((trial) => [...describe(trial, facts), ...describeThreads(trial, facts)]);
}

/** `Open MPI 4.1.4`, `MPICH 4.0.2 (ch4:ucx)`. */
export function libraryName({ mpi, report }: Trial): string {
  const { version, device } = parseLibrary(report.library ?? '');
  const name = mpi === null ? 'MPI' : implementationNames[mpi];
  return [name, version, device && `(${device})`].filter(Boolean).join(' ');
}

/** The version and the network device in the text of MPI_Get_library_version; empty where it names none. */
export function parseLibrary(text: string): { version: string; device: string } {
  return {
    version: /(?:Open MPI v|Version:\s*|Version )(\d[^\s,]*)/.exec(text)?.[1] ?? '',
    device: /Device:\s*(\S+)/.exec(text)?.[1] ?? '',
  };
}

function describe(trial: Trial, { mpiexecs, launcher }: Facts): Finding[] {
  const { mpi, report } = trial;
  if (report.library === undefined) return [];
  const { version } = parseLibrary(report.library);
  const mpiexec = mpiexecs.find(({ implementation }) => implementation === mpi);
  const name = libraryName(trial);
  const differs =
    version !== '' &&
    mpiexec !== undefined &&
    mpiexec.version !== '' &&
    mpiexec.version !== version;
  if (!differs || launcher.size > 0) return [finding('library', 'ok', name, null, mpi)];
  return [
    finding(
      'library',
      'warning',
      `${name}, but ${mpiexec.paths[0] ?? 'mpiexec'} is of version ${mpiexec.version}`,
      'Put the mpiexec of this library first on PATH, or build for the one there is: npx mpi-futures build',
      mpi,
    ),
  ];
}

function describeThreads(trial: Trial, { environment }: Facts): Finding[] {
  const { mpi, report } = trial;
  const { threadLevel } = report;
  if (threadLevel === undefined) return [];
  const text = `${libraryName(trial)} gives MPI_THREAD_${threadLevels[threadLevel] ?? '?'}`;
  if (threadLevel >= serialized) return [finding('thread-level', 'ok', text, null, mpi)];
  const advice = environment.MPI_FUTURES_THREAD_LEVEL
    ? 'Unset MPI_FUTURES_THREAD_LEVEL, or set it to serialized or multiple'
    : 'Use an MPI that was built with support for threads';
  return [
    finding(
      'thread-level',
      'warning',
      `${text}: one thread makes all MPI calls, and messages are slower`,
      advice,
      mpi,
    ),
  ];
}
