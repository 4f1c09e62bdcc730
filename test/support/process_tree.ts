/** The processes of one run of a program (see marked_processes.mjs): what each is in its MPI job, and how all are ended. */

import path from 'node:path';
import {
  processesOf,
  signalAll,
  waitUntilGone,
  type Marker,
  type ProcessInfo,
} from '../../scripts/marked_processes.mjs';

/** Ends all processes of a run: asks first, so that launchers can clean up, and then does not ask. */
export async function endAll(marker: Marker): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', 2000],
    ['SIGKILL', 2000],
    ['SIGKILL', 30_000],
  ] as const) {
    signalAll(processesOf(marker), signal);
    const left = await waitUntilGone(marker, patience);
    if (left.length === 0) return;
  }
  throw new Error(`Cannot end ${processesOf(marker).map(nameAndPid).join(', ')}`);
}

/** What a process is in its MPI job: a launcher's own variables tell. */
export function roleOf({ command, environment }: ProcessInfo): string {
  const program = path.basename(command.split(' ', 1)[0] ?? '');
  if (/^(mpiexec|mpirun|orterun|prterun)/.test(program)) return 'mpiexec';
  if (/^(orted|prted|hydra_)/.test(program)) return `daemon ${program}`;
  const rank = environment.OMPI_COMM_WORLD_RANK ?? environment.PMI_RANK;
  if (rank === undefined) return 'process without rank';
  if ('OMPI_PARENT_PORT' in environment || environment.PMI_SPAWNED === '1')
    return `spawned worker rank ${rank}`;
  return rank === '0' ? 'master rank 0' : `worker rank ${rank}`;
}

export function nameAndPid(info: ProcessInfo): string {
  return `${roleOf(info)} (pid ${info.pid}: ${info.command.slice(0, 160)})`;
}
