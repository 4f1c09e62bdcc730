import { argumentTypeError } from '../argument_errors.js';
import { Communicator } from '../mpi/communicator.js';
import { COMM_WORLD } from '../mpi/world.js';
import { InvalidStateError } from '../errors.js';
import type { PoolExecutor } from '../executors/pool_executor.js';
import { importing, isWorker } from '../process/program_or_worker.js';
import { sharedPool } from '../pool/shared_pool.js';
import { validateFunction } from '../validators.js';
import { rememberCallers, stayHere } from '../worker/modules/running_modules.js';
import { notToBeSent } from '../values/refusing/explanations.js';
import { isLed, mayServe } from './entered_executors.js';
import {
  resolveOptions,
  type CommExecutorOptions,
  type ResolvedCommExecutorOptions,
} from './options.js';
import { alone, among, sharing, type Side } from './sides.js';

/**
 * The function that {@link CommExecutor.run} calls: at once on the root, with the executor; on the other ranks, with
 * null, when the root is done.
 */
export type CommExecutorBody<T> = (executor: PoolExecutor | null) => T;

/**
 * Makes one rank of a communicator the master of the others, like mpi4py's `MPICommExecutor`, in a program that all of
 * them run.
 *
 * `enter` and `run` are collective: all ranks of the communicator call them, with the same root. A wrong argument on
 * one rank is an error on all of them.
 */
export class CommExecutor {
  static {
    notToBeSent(this, 'it belongs to this process; make an executor inside the task');
  }

  readonly #comm: Communicator;
  readonly #options: CommExecutorOptions;
  #entered: Promise<Side> | undefined;

  /** @param comm - an intracommunicator; default: COMM_WORLD. Arguments are checked by `enter` and `run` */
  constructor(comm: Communicator = COMM_WORLD, options: CommExecutorOptions = {}) {
    this.#comm = comm;
    this.#options = options;
  }

  /**
   * Calls `body` with a {@link PoolExecutor} on the root, at once. The other ranks are its workers until it is done,
   * and then call `body` with null. Resolves to the result of `body`. If `body` throws on the root, the other ranks
   * continue nevertheless.
   *
   * @throws {TypeError | RangeError | UsageError} for wrong arguments, on all ranks
   * @throws {InvalidStateError} if this CommExecutor has been entered and not exited, or if a rank serves another one
   */
  async run<T>(body: CommExecutorBody<T>): Promise<Awaited<T>> {
    const { executor } = await this.#enter(() => {
      validateFunction(body, 'body');
    });
    try {
      return await body(executor);
    } finally {
      await this.exit();
    }
  }

  /**
   * Does the first half of {@link run}: resolves to the executor on the root, and to null on the others when they have
   * served.
   */
  async enter(): Promise<PoolExecutor | null> {
    return (await this.#enter(() => undefined)).executor;
  }

  /** Does the second half: on the root, waits until all tasks are done, and releases the workers. */
  async exit(): Promise<void> {
    const entered = this.#entered;
    if (entered === undefined) return;
    try {
      const side = await entered;
      await side.end();
    } finally {
      if (this.#entered === entered) this.#entered = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.exit();
  }

  // Without await: the caller is still on the stack.
  #enter(check: () => void): Promise<Side> {
    if (this.#entered !== undefined) {
      const advice = 'call exit() first, or use another one';
      return Promise.reject(
        new InvalidStateError(`This CommExecutor has been entered already: ${advice}`),
      );
    }
    if (importing() !== undefined) return stayHere();
    const entering = this.#begin(check);
    this.#entered = entering;
    entering.catch(() => {
      this.#entered = undefined;
    });
    return entering;
  }

  async #begin(check: () => void): Promise<Side> {
    const comm = intracommunicator(this.#comm);
    const resolved = this.#resolve(comm, check);
    const problem = resolved instanceof Error ? resolved : undefined;
    if (comm.size === 1 || sharedPool() !== undefined) {
      if (resolved instanceof Error) throw resolved;
      return comm.size === 1 ? alone(resolved.pool) : sharing(resolved.pool);
    }
    if (isLed(comm)) throw ofMaster();
    const isBusy = mayServe();
    if (isWorker() && !isBusy) throw ofWorker();
    const root = resolved instanceof Error ? 0 : resolved.root;
    if (comm.rank !== root) rememberCallers();
    return among(comm, { root, isBusy, problem }, resolved);
  }

  #resolve(comm: Communicator, check: () => void): ResolvedCommExecutorOptions | Error {
    try {
      check();
      return resolveOptions(this.#options, comm);
    } catch (error) {
      return error as Error;
    }
  }
}

/**
 * Checks the communicator without agreement: a value that is not a communicator cannot reach the other ranks, and is
 * wrong on all of them.
 */
function intracommunicator(comm: unknown): Communicator {
  if (!(comm instanceof Communicator) || comm.isInter)
    throw argumentTypeError('an intracommunicator', 'comm', comm);
  return comm;
}

function ofMaster(): InvalidStateError {
  return new InvalidStateError(
    'The other ranks serve the CommExecutor that this one has entered: use its executor, or leave it first',
  );
}

function ofWorker(): InvalidStateError {
  return new InvalidStateError(
    'Only processes that run the program can enter a CommExecutor, and this one is a worker of a pool',
  );
}
