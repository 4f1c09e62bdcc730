/** Findings about the launcher that started this process. */

import { implementationNames } from '../../../addon/implementation.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

/** Reports the launcher, and whether its variables suffice to find the other ranks. */
export function launcherFindings(facts: Facts): Finding[] {
  const { launcher, srunPlugin, environment } = facts;
  const silent = tasksOfSilentSrun(facts);
  if (silent > 0) {
    return [
      finding(
        'launcher',
        'error',
        `srun has started ${silent} processes without telling MPI: each of them believes it is the only one`,
        'Use srun --mpi=pmix for Open MPI, srun --mpi=pmi2 for MPICH; srun --mpi=list shows what is available',
      ),
    ];
  }
  if (launcher.size === 0) {
    return [
      finding('launcher', 'note', 'Not started by mpiexec: every way to start MPI here is tried'),
    ];
  }
  const { OMPI_COMM_WORLD_LOCAL_SIZE, MPI_LOCALNRANKS } = environment;
  const local = Number(OMPI_COMM_WORLD_LOCAL_SIZE ?? MPI_LOCALNRANKS ?? NaN);
  const byMpiexec =
    launcher.implementation === null
      ? 'a launcher that speaks PMIx'
      : `the mpiexec of ${implementationNames[launcher.implementation]}`;
  const by = srunPlugin === undefined ? byMpiexec : `srun --mpi=${srunPlugin}`;
  const where = Number.isNaN(local) ? '' : `, ${local} of them on this host`;
  const processes = launcher.size === 1 ? '1 process' : `${launcher.size} processes`;
  return [
    finding(
      'launcher',
      'ok',
      `Started by ${by}: ${processes}${where}`,
      null,
      launcher.implementation,
    ),
  ];
}

/** The number of processes that srun has started with --mpi=none, which is Slurm's own default; 0 if there are none. */
export function tasksOfSilentSrun({
  launcher,
  environment,
}: Pick<Facts, 'launcher' | 'environment'>): number {
  const { SLURM_STEP_ID, SLURM_STEP_NUM_TASKS } = environment;
  if (launcher.size > 0 || SLURM_STEP_ID === undefined) return 0;
  const tasks = Number(SLURM_STEP_NUM_TASKS ?? 1);
  return tasks > 1 ? tasks : 0;
}
