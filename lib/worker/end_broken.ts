import { describeThrown } from '../describe_thrown.js';
import { endProcess, report } from '../process/program_or_worker.js';

/** Ends this worker, which can no longer work, so that no one waits for its tasks. */
export function endBroken(error: unknown): never {
  try {
    report(`mpi-futures: a worker cannot go on:\n${describeThrown(error)}\n`);
  } finally {
    endProcess(1);
  }
}
