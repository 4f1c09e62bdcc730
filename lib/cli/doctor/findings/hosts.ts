/**
 * Findings about the hosts on which processes would start: this host, a list of hosts, or those of a batch system's
 * job.
 */

import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

const hostFiles = [
  'OMPI_MCA_orte_default_hostfile',
  'PRTE_MCA_prte_default_hostfile',
  'HYDRA_HOST_FILE',
];

/** Reports the batch system's job and its hosts, from its variables. */
export function hostFindings({ environment, hostname, launcher }: Facts): Finding[] {
  const { SLURM_JOB_ID, SLURM_JOB_NODELIST, SLURM_NTASKS, PBS_NODEFILE, PBS_JOBID } = environment;
  const { LSB_JOBID, LSB_DJOB_HOSTFILE, LSB_MCPU_HOSTS } = environment;
  if (SLURM_JOB_ID !== undefined) {
    const tasks = SLURM_NTASKS === undefined ? '' : `, ${SLURM_NTASKS} tasks`;
    const text = `Job ${SLURM_JOB_ID} of Slurm: ${SLURM_JOB_NODELIST ?? 'hosts unknown'}${tasks}`;
    const advice =
      launcher.size > 0
        ? null
        : 'Nothing here starts on the other hosts by itself: use srun or mpiexec (docs/guide/clusters.md)';
    return [finding('hosts', 'note', text, advice)];
  }
  if (PBS_NODEFILE !== undefined || PBS_JOBID !== undefined) {
    return [
      finding('hosts', 'note', `Job ${PBS_JOBID ?? ''} of PBS: hosts in ${PBS_NODEFILE ?? '?'}`),
    ];
  }
  if (LSB_JOBID !== undefined) {
    const hosts = LSB_MCPU_HOSTS ?? LSB_DJOB_HOSTFILE ?? '?';
    return [finding('hosts', 'note', `Job ${LSB_JOBID} of LSF: ${hosts}`)];
  }
  const lists = hostFiles.filter((name) => environment[name]);
  if (lists.length > 0) {
    const text = lists.map((name) => `${name}=${environment[name] ?? ''}`).join(', ');
    return [finding('hosts', 'note', `Hosts are listed by ${text}`)];
  }
  if (launcher.size > 0) return [];
  const advice = 'For more hosts: mpiexec --host a:4,b:4 (Open MPI), -hosts a:4,b:4 (MPICH)';
  return [finding('hosts', 'note', `No list of hosts: processes start on ${hostname}`, advice)];
}
