/**
 * Findings about the number of workers: how many a pool without `maxWorkers` spawns, why, and whether there are cores
 * for them.
 */

import { describeLibrary, implementationNames } from '../../../addon/implementation.js';
import { isOversubscriptionAllowed } from '../../../addon/oversubscription.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';
import type { Trial } from '../trials.js';

/** @param trials - the trials in which a pool would spawn */
export function slotFindings(facts: Facts, trials: readonly Trial[]): Finding[] {
  return trials.flatMap((trial) => describe(trial, facts));
}

/**
 * The largest number of workers that there are slots for, in one way to start programs; null: as many as are asked for,
 * or unknown. Options of mpiexec may change this number.
 */
export function mostWorkers(
  { way, mpi, works, report }: Trial,
  { environment, launcher, srunPlugin }: Pick<Facts, 'environment' | 'launcher' | 'srunPlugin'>,
): number | null {
  if (!works || (way === 'here' && srunPlugin !== undefined && launcher.size === 1)) return 0;
  if (way === 'here' && launcher.size > 1) return launcher.size - 1;
  const { universeSize = 0 } = report;
  const isLimited = mpi === 'openmpi' && way !== 'alone' && universeSize > 0;
  return isLimited && !isAllowed(report, environment) ? universeSize - 1 : null;
}

function describe({ mpi, way, report }: Trial, { environment, cores }: Facts): Finding[] {
  const { universeSize, defaultWorkers, worldSize } = report;
  if (universeSize === undefined || defaultWorkers === undefined || worldSize === undefined)
    return [];
  const asked = Number(environment.MPI_FUTURES_MAX_WORKERS ?? NaN);
  const name = mpi === null ? 'MPI' : implementationNames[mpi];
  const how = way === 'here' ? 'Here' : `Under the mpiexec -n 1 of ${name}`;
  const workers = asked > 0 ? asked : defaultWorkers;
  const why =
    asked > 0
      ? `MPI_FUTURES_MAX_WORKERS; the universe size, ${universeSize || 'not known'}, does not count`
      : universeSize > 0
        ? `universe size ${universeSize} less ${worldSize} running`
        : 'the universe size is not known';
  const findings = [
    finding(
      'slots',
      'note',
      `${how} a pool spawns ${plural(workers)}: ${why}`,
      moreWorkers(mpi, environment),
      mpi,
    ),
  ];
  const processes = workers + worldSize;
  if (
    mpi === 'openmpi' &&
    universeSize > 0 &&
    processes > universeSize &&
    !isAllowed(report, environment)
  ) {
    findings.push(
      finding(
        'slots',
        'warning',
        `${plural(workers)} and the program need ${processes} slots, and Open MPI has ${universeSize}`,
        `mpiexec --host <hostname>:${processes} -n 1 node app.js, or mpiexec --oversubscribe`,
        mpi,
      ),
    );
  }
  if (processes > cores + 1) findings.push(tooFewCores(processes, cores, environment, mpi));
  return findings;
}

function moreWorkers(mpi: Trial['mpi'], environment: NodeJS.ProcessEnv): string {
  if (mpi === 'mpich') return 'For 16: mpiexec -n 1 -usize 17, or MPI_FUTURES_MAX_WORKERS=16';
  const ignored = environment.MPIEXEC_UNIVERSE_SIZE
    ? '; Open MPI does not read MPIEXEC_UNIVERSE_SIZE'
    : '';
  return `For 16: mpiexec -n 1 -host <hostname>:17${ignored}`;
}

function tooFewCores(
  processes: number,
  cores: number,
  environment: NodeJS.ProcessEnv,
  mpi: Trial['mpi'],
): Finding {
  const yields = /^(1|true|yes|on|t|y)$/i.test(environment.OMPI_MCA_mpi_yield_when_idle ?? '');
  const advice =
    mpi === 'openmpi' && !yields
      ? 'export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none, or use fewer workers'
      : null;
  return finding(
    'cores',
    'warning',
    `${processes} processes for ${plural(cores, 'core')}`,
    advice,
    mpi,
  );
}

function isAllowed({ library = '' }: Trial['report'], environment: NodeJS.ProcessEnv): boolean {
  return isOversubscriptionAllowed(describeLibrary(library), environment, true);
}

/** `1 worker`, `2 workers`. */
export function plural(count: number, what = 'worker'): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
