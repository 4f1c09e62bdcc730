/** The options of a CommExecutor: those of a pool, and the root. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import type { Communicator } from '../mpi/communicator.js';
import {
  knownPoolOptions,
  resolvePoolOptions,
  type PoolOptions,
  type ResolvedPoolOptions,
} from '../executors/options.js';
import { validateOptions } from '../validators.js';

/** Options of `CommExecutor`: those of a pool, and the root. `maxWorkers` is checked and ignored. */
export interface CommExecutorOptions extends Omit<PoolOptions, 'isolate'> {
  /** The rank of the master, which gets the executor. The others are the workers. Default: 0. */
  root?: number | undefined;
}

/** The options, checked and complete. */
export interface ResolvedCommExecutorOptions {
  readonly root: number;
  readonly pool: ResolvedPoolOptions;
}

const known = {
  ...knownPoolOptions,
  of: 'CommExecutor',
  names: ['root', ...knownPoolOptions.names],
  synonyms: { ...knownPoolOptions.synonyms, master: 'root', rank: 'root' },
};

/** @throws {TypeError | RangeError} that names the option */
export function resolveOptions(
  options: CommExecutorOptions,
  { size }: Communicator,
): ResolvedCommExecutorOptions {
  validateOptions(options, known);
  if ('isolate' in options && options.isolate !== undefined) throw notIsolated();
  const { root = 0, ...poolOptions } = options;
  validateRoot(root, size);
  return { root, pool: resolvePoolOptions({ ...poolOptions, isolate: false }, {}, known) };
}

function notIsolated(): Error {
  const why = 'its tasks use what the program has done in each rank, where MPI is';
  const message = `CommExecutor does not take isolate: ${why}. Use a PoolExecutor`;
  return Object.assign(new TypeError(message), { code: 'ERR_UNKNOWN_OPTION' });
}

function validateRoot(root: unknown, size: number): asserts root is number {
  const expected = size === 1 ? 'rank 0, the only one,' : `a rank from 0 to ${size - 1}`;
  if (typeof root !== 'number') throw argumentTypeError(expected, 'root', root);
  const isRank = Number.isInteger(root) && root >= 0 && root < size;
  if (!isRank) throw argumentRangeError(expected, 'root', root);
}
