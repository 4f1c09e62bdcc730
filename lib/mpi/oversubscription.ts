/**
 * Whether Open MPI starts more processes than it has slots: as many as cores, or as a file of hosts or a batch system says.
 * Where mpiexec has started the program, that is up to whoever gave its options; where nothing has, it is up to the program.
 */

import { launcher, type Flavor } from './launcher.js';

/** Where each of them is set, somebody else has said what may run here. */
const hostLists = [
  'SLURM_JOB_ID',
  'PBS_JOBID',
  'PBS_NODEFILE',
  'LSB_JOBID',
  'PE_HOSTFILE',
  'OMPI_MCA_orte_default_hostfile',
  'PRTE_MCA_prte_default_hostfile',
];

/** Names with PRTE are those of Open MPI 5. */
const permissions = {
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
};

const refusals = ['OMPI_MCA_rmaps_base_no_oversubscribe', 'OMPI_MCA_rmaps_base_mapping_policy'];

/**
 * Before MPI starts in a program without mpiexec: the workers that the program asks for are started, on however few cores.
 * What the user, a batch system or a file of hosts says stands.
 */
export function allowAsManyAsAsked(
  flavor: Flavor,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (flavor !== 'openmpi' || launcher.size > 0) return;
  const others = [...hostLists, ...refusals, ...Object.keys(permissions)];
  if (others.some((name) => environment[name])) return;
  Object.assign(environment, permissions);
  // Open MPI 5 would bind each process to a core of its own, and fails where there are not so many.
  environment.PRTE_MCA_hwloc_default_binding_policy ??= 'none';
}

/** Whether Open MPI was told, by a variable, to start more processes than there are slots. */
export function isOversubscriptionAllowed(environment: NodeJS.ProcessEnv = process.env): boolean {
  const word = environment.OMPI_MCA_rmaps_base_oversubscribe ?? '';
  if (/^(1|true|yes|on|t|y)$/i.test(word)) return true;
  const policies = [
    environment.OMPI_MCA_rmaps_base_mapping_policy,
    environment.PRTE_MCA_rmaps_default_mapping_policy,
  ];
  return policies.some(
    (policy) => /oversubscribe/i.test(policy ?? '') && !/nooversubscribe/i.test(policy ?? ''),
  );
}
