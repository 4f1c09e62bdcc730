/** The errors by which a pool hears that a worker is lost: which one, why, and what to do now. */

import { WorkerLostError } from '../errors.js';
import type { SandboxEnd } from '../tasks/messages.js';
import { outOfMemory, type EndReason } from './end_reason.js';
import { wordsOf } from './sandbox_state.js';

const lessMemory =
  ". Give workers more memory by execArgv: ['--max-old-space-size=MEGABYTES'], or send fewer or smaller values at a time";

/** The reason for the loss of a worker whose process has ended. */
export const processHasEnded = 'its process has ended';

const isolateInstead =
  '. With isolate: true tasks run in a process beside each worker, and the worker lives on whatever ends that process';

/** A worker that is lost; the host and the process are known once it has said hello. */
interface Lost {
  readonly rank: number;
  readonly host: string | undefined;
  readonly pid: number | undefined;
}

/**
 * The error for a worker that is lost.
 *
 * @param ended - what its output shows of its end
 * @param couldIsolate - true if its tasks could have run in a sandbox, and did not
 */
export function lossOfWorker(
  { rank, host, pid }: Lost,
  reason: string,
  ended: EndReason,
  couldIsolate: boolean,
  cause?: Error,
): WorkerLostError {
  const why = ended.why === undefined ? reason : `${reason}: ${ended.why}`;
  const instead = couldIsolate && reason === processHasEnded ? isolateInstead : '';
  const advice = ended.cause === undefined ? instead : lessMemory;
  return new WorkerLostError(`Worker ${rank}${placeOf(pid, host)} was lost: ${why}${advice}`, {
    rank,
    host,
    pid,
    reason: why,
    stderr: ended.stderr,
    cause: ended.cause ?? cause,
  });
}

/**
 * The error for an isolated worker whose sandbox has ended.
 *
 * @param endedFor - the reason for which this process has ended it, if it has
 */
export function lossOfSandbox(
  { rank, host }: Omit<Lost, 'pid'>,
  end: SandboxEnd,
  endedFor: string | undefined,
): WorkerLostError {
  const { exitCode, signal, reason, detail, stderr, pid } = end;
  const cause = reason === 'out of memory' ? outOfMemory(detail ?? reason) : undefined;
  const advice = cause === undefined ? '' : lessMemory;
  const why = endedFor ?? wordsOf(end);
  return new WorkerLostError(`Worker ${rank}${placeOf(pid, host)} was lost: ${why}${advice}`, {
    rank,
    host,
    pid,
    reason: endedFor ?? reason,
    stderr,
    exitCode,
    signal,
    cause,
  });
}

function placeOf(pid: number | undefined, host = 'an unknown host'): string {
  return pid === undefined ? '' : ` (process ${pid} on ${host})`;
}
