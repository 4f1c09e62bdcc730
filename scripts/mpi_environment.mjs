// Settings with which this project's own scripts, tests and benchmarks start MPI programs. The
// library sets none of them: whether to run as root, or on too few cores, is the user's decision.

import { existsSync } from 'node:fs';
import { addonFile } from './paths.mjs';
import { capture, findProgram } from './programs.mjs';

/** @typedef {'openmpi' | 'mpich'} Implementation */

/** The MPIs an addon is built for, the preferred one first. @type {readonly Implementation[]} */
export const IMPLEMENTATIONS = ['openmpi', 'mpich'];

/** Their names in messages. @type {Record<Implementation, string>} */
export const MPI_NAMES = { openmpi: 'Open MPI', mpich: 'MPICH' };

/** The MPIs a program can be run with here: built, and with a launcher. */
export function runnableImplementations() {
  return IMPLEMENTATIONS.filter(
    (implementation) => existsSync(addonFile(implementation)) && findMpiexec(implementation),
  );
}

/**
 * The launcher of one MPI: under its own name, as Debian has it, or plain `mpiexec` if that is of
 * this MPI.
 * @param {Implementation} implementation
 * @returns {string | undefined}
 */
export function findMpiexec(implementation) {
  return findProgram(`mpiexec.${implementation}`) ?? findPlainMpiexec(implementation);
}

/** @param {Implementation} implementation */
function findPlainMpiexec(implementation) {
  const mpiexec = findProgram('mpiexec');
  const saysSo = { openmpi: /Open MPI|OpenRTE/, mpich: /HYDRA|Intel\(R\) MPI/ };
  return mpiexec && saysSo[implementation].test(capture(mpiexec, ['--version']).output)
    ? mpiexec
    : undefined;
}

/**
 * The environment to start `mpiexec` with. What the caller has set itself stays.
 * @param {Implementation} implementation
 * @returns {NodeJS.ProcessEnv}
 */
export function launchEnvironment(implementation) {
  return { ...(implementation === 'openmpi' ? openMpiSettings() : {}), ...cleanEnvironment() };
}

function openMpiSettings() {
  return {
    // Otherwise Open MPI refuses to run as root, as in containers.
    OMPI_ALLOW_RUN_AS_ROOT: '1',
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
    PRTE_ALLOW_RUN_AS_ROOT: '1',
    PRTE_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
    // Otherwise Open MPI refuses more processes than cores. With more, they must not spin while they wait.
    OMPI_MCA_rmaps_base_oversubscribe: '1',
    OMPI_MCA_mpi_yield_when_idle: '1',
    // Otherwise Open MPI looks for network hardware at every start, for 0.2 s. The tests run on one machine.
    OMPI_MCA_pml: 'ob1',
    // Otherwise Open MPI binds each process to one core, with all its threads.
    OMPI_MCA_hwloc_base_binding_policy: 'none',
    ...prrteSettings(majorOfOpenMpi()),
  };
}

/**
 * PRRTE is the launcher of Open MPI 5, and of 6, which says at length that the names of 5 are old.
 * @param {number} major
 */
function prrteSettings(major) {
  if (major < 5) return {};
  return major === 5
    ? {
        PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
        PRTE_MCA_hwloc_default_binding_policy: 'none',
      }
    : { PRTE_MCA_mapby: ':oversubscribe', PRTE_MCA_bindto: 'none' };
}

/** @type {number | undefined} */
let knownMajor;

/** Of the Open MPI that programs are run with, as its mpiexec says; 0 where there is none. */
export function majorOfOpenMpi() {
  const mpiexec = findMpiexec('openmpi');
  knownMajor ??= mpiexec ? Number(/ (\d+)\./.exec(capture(mpiexec, ['--version']).output)?.[1]) : 0;
  return knownMajor;
}

/** Of the MPICH that programs are run with here; 0 where there is none. */
export function majorOfMpich() {
  return Number(/Version:\s*(\d+)\./.exec(capture('mpichversion', []).output)?.[1] ?? 0);
}

/** Why the MPICH of a distribution cannot spawn. */
export const whyMpichCannotSpawn =
  'MPICH over UCX cannot spawn before 4.3 (https://github.com/pmodels/mpich/issues/6797)';

/** True if the MPICH of this machine can spawn: over CH3 or OFI any can, over UCX 4.3 and later. */
export function canMpichSpawn() {
  const { ok, output } = capture('mpichversion', []);
  const [, major, minor] = /Version:\s*(\d+)\.(\d+)/.exec(output) ?? [];
  const isOfToday = Number(major) > 4 || (major === '4' && Number(minor) >= 3);
  return ok && (isOfToday || !output.includes('ch4:ucx'));
}

/**
 * The environment without what a launcher tells its rank: a child that inherits it takes itself for
 * that rank.
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment() {
  const isRank = ['OMPI_COMM_WORLD_RANK', 'PMIX_RANK', 'PMI_RANK'].some(
    (name) => process.env[name],
  );
  if (!isRank) return { ...process.env };
  const fromLauncher = /^(OMPI|PMIX|PMI|PRTE|ORTE|HYDI)_|^MPI_LOCAL/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !fromLauncher.test(name)),
  );
}
