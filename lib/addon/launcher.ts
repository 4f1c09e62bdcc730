/**
 * Detects the launcher that started this process. Only variables that the launchers set themselves are read; they are
 * listed, per launcher, in docs/guide/launchers.md.
 */

import { fstatSync, statSync } from 'node:fs';

import { implementations, type Implementation } from './implementation.js';
import { perProcess } from './per_process.js';

/** The launcher that started a process, with the rank and size that it gave. */
export interface Launcher {
  /**
   * The MPI that the launcher belongs to, or is assumed to belong to; null: no launcher, or one that serves both (PMIx,
   * Flux).
   */
  readonly implementation: Implementation | null;
  /** Number of processes the launcher started together; 0 without a launcher. */
  readonly size: number;
  /** The rank of this process among them. */
  readonly rank: number;
}

/**
 * The launcher of this process. Read when this module is loaded, because Open MPI sets the same variables itself when
 * it starts in a process without a launcher.
 */
export const launcher: Launcher = perProcess('launcher', () => detectLauncher());

/**
 * Reads the launcher's variables. Those of Open MPI and of hydra show which MPI it is. Other launchers speak PMI or
 * PMIx without knowing any MPI: there `MPI_FUTURES_MPI` decides, and without it the MPI is guessed.
 */
export function detectLauncher(environment: NodeJS.ProcessEnv = process.env): Launcher {
  const { OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_RANK } = environment;
  const { PMI_SIZE, PMI_RANK, PMIX_RANK, HYDI_CONTROL_FD } = environment;
  const { FLUX_TASK_RANK, FLUX_JOB_SIZE, PALS_SIZE } = environment;
  const { SLURM_STEP_NUM_TASKS, SLURM_NTASKS, MPI_FUTURES_MPI } = environment;
  if (OMPI_COMM_WORLD_SIZE !== undefined)
    return launcherOf('openmpi', OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_RANK);
  // Hydra may have been started by any of the others.
  if (HYDI_CONTROL_FD !== undefined && PMI_RANK !== undefined)
    return launcherOf('mpich', PMI_SIZE, PMI_RANK);
  const chosen = implementations.find((implementation) => implementation === MPI_FUTURES_MPI);
  const isFlux = FLUX_TASK_RANK !== undefined;
  if (PMIX_RANK !== undefined) {
    const sizeOfFlux = isFlux ? FLUX_JOB_SIZE : undefined;
    const size = sizeOfFlux ?? SLURM_STEP_NUM_TASKS ?? SLURM_NTASKS ?? PALS_SIZE ?? PMI_SIZE;
    return launcherOf(chosen ?? null, size, PMIX_RANK);
  }
  // Slurm's pmi2, PALS and other launchers usually serve MPICH and its relatives; Flux serves either MPI.
  if (PMI_RANK !== undefined)
    return launcherOf(chosen ?? (isFlux ? null : 'mpich'), PMI_SIZE, PMI_RANK);
  return { implementation: null, size: 0, rank: 0 };
}

function launcherOf(
  implementation: Implementation | null,
  size: string | undefined,
  rank: string | undefined,
): Launcher {
  return { implementation, size: Number(size ?? 1), rank: Number(rank ?? 0) };
}

/**
 * The plugin by which Slurm's srun has connected this process: `pmix`, `pmi2` or another; undefined where srun has not
 * started this process, or only its mpiexec. Also read when this module is loaded.
 */
export const srunPlugin: string | undefined = perProcess('srun', () => ({
  plugin: detectSrunPlugin(),
})).plugin;

/** Reads {@link srunPlugin} from an environment. */
export function detectSrunPlugin(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { SLURM_STEP_ID, SLURM_MPI_TYPE, OMPI_COMM_WORLD_SIZE, HYDI_CONTROL_FD } = environment;
  const isOfMpiexec = OMPI_COMM_WORLD_SIZE !== undefined || HYDI_CONTROL_FD !== undefined;
  if (SLURM_STEP_ID === undefined || isOfMpiexec) return undefined;
  return detectLauncher(environment).size > 0 ? (SLURM_MPI_TYPE ?? 'unknown') : undefined;
}

/**
 * True while this process can talk to MPICH's mpiexec, which hands each rank an open socket. A process in between (npx,
 * npm exec) does not pass that socket on.
 */
export function isPmiConnected(environment: NodeJS.ProcessEnv = process.env): boolean {
  const { PMI_FD } = environment;
  if (PMI_FD === undefined) return true;
  try {
    return fstatSync(Number(PMI_FD)).isSocket();
  } catch {
    return false;
  } finally {
    // Node.js 20 does not resolve symbolic links in the paths of modules if the last file that was examined is a
    // socket: fs.realpathSync takes it for a part of the path.
    statSync('/');
  }
}
