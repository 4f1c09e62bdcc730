/** The words for how a sandbox has ended. */

import { readFileSync } from 'node:fs';

import type { EndReason } from '../../workers/end_reason.js';

/** The status or the signal with which a process has ended, as Node.js reports it. */
export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

const crashes: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

const outOfMemory = 'out of memory';

/** @param killedByKernel - true if the kernel has killed a process of this host for its memory meanwhile */
export function reasonOf(
  { exitCode, signal }: ProcessEnd,
  { cause }: EndReason,
  killedByKernel: boolean,
): string {
  if (cause !== undefined) return outOfMemory;
  if (signal === undefined) return `exited with ${exitCode ?? 'an unknown status'}`;
  if (signal === 'SIGKILL' && killedByKernel) return outOfMemory;
  if (signal === 'SIGABRT') return 'aborted';
  return crashes.has(signal) ? 'crashed' : 'killed';
}

/** The number of processes that the kernel of this host has killed because memory was full; 0 where it does not say. */
export function countKilledByKernel(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
