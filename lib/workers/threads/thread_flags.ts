/** Flags of Node.js for worker threads, which do not accept all flags of a process. */

import { isDeepStrictEqual } from 'node:util';
import { Worker, type WorkerOptions } from 'node:worker_threads';

import { inheritedFlags } from '../inherited_flags.js';

/** Creates a thread with those flags of this process that a thread accepts, and with all of `execArgv`. */
export function createThread(
  file: string,
  options: WorkerOptions,
  execArgv: readonly string[],
): Worker {
  const inherited = inheritedFlags();
  const areAll = isDeepStrictEqual(inherited, process.execArgv);
  if (areAll && execArgv.length === 0) return new Worker(file, options);
  const create = (flags: readonly string[]) =>
    new Worker(file, { ...options, execArgv: [...flags, ...execArgv] });
  try {
    return create(inherited);
  } catch (error) {
    const refused = refusedFlags(error);
    if (refused.length === 0 || execArgv.some((flag) => refused.includes(flag))) throw error;
    return create(inherited.filter((flag) => !refused.includes(flag)));
  }
}

// "Initiated Worker with invalid execArgv flags: --title=a, --max-old-space-size=50"; only its text has them.
function refusedFlags(error: unknown): string[] {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return [];
  return message.slice(message.indexOf(': ') + 2).split(', ');
}
