/**
 * Tells if Open MPI starts more processes than it has slots. There are as many slots as cores, unless a hostfile or a
 * batch system says otherwise. Under mpiexec its options decide; without mpiexec the program does.
 */

import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';

/** If one of these variables is set, the user or a batch system has already limited what may run here. */
const hostLists = [
  'SLURM_JOB_ID',
  'PBS_JOBID',
  'PBS_NODEFILE',
  'LSB_JOBID',
  'PE_HOSTFILE',
  'OMPI_MCA_orte_default_hostfile',
  'PRTE_MCA_prte_default_hostfile',
];

/**
 * The variable by major version of Open MPI. Version 5 has another launcher, PRRTE, and 6 prints long warnings about
 * the names of 5.
 */
const mappings = { 5: 'PRTE_MCA_rmaps_default_mapping_policy', 6: 'PRTE_MCA_mapby' };
const bindings = { 5: 'PRTE_MCA_hwloc_default_binding_policy', 6: 'PRTE_MCA_bindto' };

const decisions = [
  'OMPI_MCA_rmaps_base_oversubscribe',
  'OMPI_MCA_rmaps_base_no_oversubscribe',
  'OMPI_MCA_rmaps_base_mapping_policy',
  ...Object.values(mappings),
];

/**
 * Called before MPI starts in a program without mpiexec: the workers that the program asks for are started, however few
 * cores there are. Settings of the user, a batch system or a hostfile are kept.
 */
export function allowAsManyAsAsked(
  { implementation, major }: MpiLibrary,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (implementation !== 'openmpi' || launcher.size > 0) return;
  if ([...hostLists, ...decisions].some((name) => environment[name])) return;
  if (major < 5) {
    environment.OMPI_MCA_rmaps_base_oversubscribe = '1';
    return;
  }
  const names = major === 5 ? 5 : 6;
  environment[mappings[names]] = ':oversubscribe';
  // By default it binds each process to a core of its own, and fails if there are too few cores.
  environment[bindings[names]] ??= 'none';
}

/** True if workers may be spawned on other hosts, even where no setting says so. */
export function mayHaveOtherHosts(environment: NodeJS.ProcessEnv = process.env): boolean {
  // Open MPI 4 sets this variable. Later versions do not, nor does MPICH.
  if (launcher.size > 0) return environment.OMPI_MCA_orte_num_nodes !== '1';
  return hostLists.some((name) => environment[name]);
}

/** The setting to write in front of the command of a program without mpiexec, for the messages. */
export function permission(major: number): string {
  if (major < 5) return 'OMPI_MCA_rmaps_base_oversubscribe=1';
  return `${mappings[major === 5 ? 5 : 6]}=:oversubscribe`;
}

/**
 * True where a variable tells Open MPI to start more processes than there are slots. The mpiexec of Open MPI 5 and later takes no
 * notice of Open MPI's own names, and does not pass on those of PRRTE; the `prte` that starts without it takes both.
 */
export function isOversubscriptionAllowed(
  { major }: Pick<MpiLibrary, 'major'>,
  environment: NodeJS.ProcessEnv = process.env,
  isLaunched = launcher.size > 0,
): boolean {
  const takesOwnNames = major < 5 || !isLaunched;
  const word = environment.OMPI_MCA_rmaps_base_oversubscribe ?? '';
  if (takesOwnNames && /^(1|true|yes|on|t|y)$/i.test(word)) return true;
  const policies = [
    takesOwnNames && 'OMPI_MCA_rmaps_base_mapping_policy',
    major >= 5 && mappings[5],
    major >= 6 && mappings[6],
  ].map((name) => (name ? environment[name] : undefined) ?? '');
  return policies.some(
    (policy) => /oversubscribe/i.test(policy) && !/nooversubscribe/i.test(policy),
  );
}
