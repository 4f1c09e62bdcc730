import { inspect, type InspectOptions } from 'node:util';
import { CancelledError, InvalidStateError } from '../errors.js';
import { validateFunction } from '../validators.js';
import { listenToProgress, type ProgressCallback } from './progress_callbacks.js';
import { readCancelArgument, type Kill, type KillOptions } from './kill.js';
import { show } from '../show.js';
import {
  callBackSoon,
  CallbackInContext,
  type Callback,
  type DoneCallback,
} from './done_callbacks.js';
import type { UnobservedFailures } from './unobserved_failures.js';
import { validateWaitOptions, waitWithin, type WaitOptions } from './wait_limits.js';

/** The state of a future: pending until its task starts or it is cancelled, then running until the task ends. */
export type FutureState = 'pending' | 'running' | 'cancelled' | 'fulfilled' | 'rejected';

/** The creator of a future, which will settle it. One owner may have many futures. */
export interface FutureOwner {
  /** Asked before a pending future is cancelled. False if that comes too late: it is running then. Left out: it never does. */
  mayCancel?(future: Future<unknown>): boolean;
  /**
   * Called when the future was cancelled while it was pending: its task need not run. With `kill`, what it waits for need
   * not go on either.
   */
  onCancel(future: Future<unknown>, kill?: Kill): void;
  /** Called when the future was cancelled while its task ran. Left out: it cannot be. */
  onKill?(future: Future<unknown>, reason: unknown, kill: Kill): void;
  /** Counts failures until the user looks at them. */
  readonly unobservedFailures?: UnobservedFailures | undefined;
  /** The futures that must be done before its own can be. */
  readonly waitsFor?: Iterable<Future<unknown>>;
}

// Executors, `collect` and `compose` make, start and settle futures by the following functions. They are not methods, because
// users must not call them. The static block of the class defines them, since they use its private fields.

/** Makes a pending future. */
export let createFuture: <T>(owner?: FutureOwner | null) => Future<T>;

/**
 * Notes that the task starts, after which `cancel` comes too late. Returns false if the future was cancelled before:
 * then the task must not run.
 */
export let startFuture: (future: Future<unknown>) => boolean;

/** Notes that a task which had started waits again, for another worker: it can be cancelled again. */
export let requeueFuture: (future: Future<unknown>) => void;

/**
 * Notes that the task has returned `value`. Returns false if the future was cancelled before: then the value is
 * dropped.
 *
 * @throws {InvalidStateError} if the future has an outcome already
 */
export let resolveFuture: <T>(future: Future<T>, value: T) => boolean;

/** Notes that the task has failed with `error`; otherwise like {@link resolveFuture}. */
export let rejectFuture: (future: Future<unknown>, error: unknown) => boolean;

/** Cancels a future, as its method does. The reason may be anything, and with `kill` the task may run. */
export let cancelFuture: (future: Future<unknown>, reason: unknown, kill?: Kill) => boolean;

/** Marks a future as looked at, because its outcome is dropped on purpose. */
export let markObserved: (future: Future<unknown>) => void;

/** The value of a fulfilled future, without the turns of the microtask queue that `await` takes. */
export let settledValue: <T>(future: Future<T>) => T;

/** The error of a future that was rejected or cancelled, without looking at it as a user does. */
export let settledError: (future: Future<unknown>) => unknown;

/** True for a future of this package: only those have the private fields that its methods need. */
export let isFuture: (value: unknown) => value is Future<unknown>;

/** Does what `addDoneCallback` does, for code of this package, which may be called in any asynchronous context. */
export let addCallback: <F extends Future<unknown>>(future: F, fn: Callback<F>) => void;

/** Undoes one {@link addCallback}. Comes too late if the future is done and about to call. */
export let removeDoneCallback: (future: Future<unknown>, fn: Callback<never>) => void;

/** The count to which a failure of the future belongs, for code that makes another future from it. */
export let unobservedFailuresOf: (future: Future<unknown>) => UnobservedFailures | undefined;

let waitedForBy: (future: Future<unknown>) => Iterable<Future<unknown>>;

/** The reason that was given to `cancel`. */
export function cancelReason(future: Future<unknown>): unknown {
  return (settledError(future) as Error).cause;
}

/**
 * True if `future` cannot be done before `other`: it is the same future, or waits for it, directly or through others.
 */
export function waitsFor(future: Future<unknown>, other: Future<unknown>): boolean {
  const found = new Set([future]);
  for (const each of found) {
    if (each === other) return true;
    for (const next of waitedForBy(each)) found.add(next);
  }
  return false;
}

/**
 * The outcome of a task, now or later: a promise that also has a state and can be cancelled, like the futures of
 * Python's `concurrent.futures`. Only executors, `collect` and `compose` make and settle futures. A failure that the
 * user does not look at is no `unhandledRejection`; a warning reports it when its executor has been shut down or the
 * program ends.
 */
export class Future<T> extends Promise<T> {
  /** Makes `then`, `catch` and `finally` return plain promises, since they have no task that could be cancelled. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #state: FutureState = 'pending';
  #observed = false;
  /** Before it is done its callbacks, or null; then its outcome. One field for both: a program may have very many that wait. */
  #outcome: unknown = null;
  #resolve: Settler | null;
  // Replaced by its count of failures when the future is done, so that the task can be freed.
  #owner: FutureOwner | null;

  private constructor(key: symbol, owner: FutureOwner | null) {
    if (key !== constructorKey)
      throw Object.assign(new TypeError('A future is made by an executor: call submit'), {
        code: 'ERR_ILLEGAL_CONSTRUCTOR',
      });
    super(captureResolve);
    this.#resolve = capturedResolve;
    capturedResolve = null; // otherwise it would keep the future in memory
    this.#owner = owner;
  }

  static {
    // A bundler may have renamed it.
    Object.defineProperty(Future.prototype.constructor, 'name', { value: 'Future' });
    createFuture = <T>(owner: FutureOwner | null = null) => new Future<T>(constructorKey, owner);
    startFuture = (future) => future.#start();
    requeueFuture = (future) => {
      if (future.#state === 'running') future.#state = 'pending';
    };
    resolveFuture = (future, value) => future.#succeed(value);
    rejectFuture = (future, error) => future.#fail('rejected', error);
    cancelFuture = (future, reason, kill) => future.#cancel(reason, kill);
    markObserved = (future) => {
      future.#markObserved();
    };
    settledValue = <T>(future: Future<T>) => future.#outcome as T;
    settledError = (future) => future.#outcome;
    isFuture = (value): value is Future<unknown> =>
      typeof value === 'object' && value !== null && #state in value;
    addCallback = (future, callback) => {
      future.#addCallback(callback);
    };
    removeDoneCallback = (future, callback) => {
      future.#removeCallback(callback);
    };
    unobservedFailuresOf = (future) => future.#owner?.unobservedFailures;
    waitedForBy = (future) => future.#owner?.waitsFor ?? [];
  }

  /** The present state. */
  get state(): FutureState {
    return this.#state;
  }

  /**
   * Cancels a task that has not started: the future then fails with a `CancelledError`. With `{ kill: true }` also one that
   * runs. Its future fails at once and its `taskSignal()` is aborted. If it still runs after `killAfter`, its worker is
   * ended and another one takes its place. A worker that cannot be replaced stays busy until the task ends:
   * docs/guide/reliability.md.
   *
   * @param reason - becomes the `cause` of the error
   * @returns true if the future is cancelled, now or before; false if its task runs or it is done
   * @throws {TypeError | RangeError} that names the option
   */
  cancel(options: KillOptions): boolean;
  cancel(reason?: unknown): boolean;
  cancel(reasonOrOptions?: unknown): boolean {
    const { reason, kill } = readCancelArgument(reasonOrOptions);
    return this.#cancel(reason, kill);
  }

  /** True if the future was cancelled. */
  cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** True once its task is with a worker that has nothing to do before it, until it has ended. */
  running(): boolean {
    return this.#state === 'running';
  }

  /** True if the task has ended or was cancelled. */
  done(): boolean {
    return this.#state !== 'pending' && this.#state !== 'running';
  }

  /**
   * Resolves to the result, like `await`, or within limits.
   *
   * @throws the error that the task threw, a `CancelledError`, or at a limit a `TimeoutError` or the reason of the
   *   signal (as a rejection)
   */
  async result(limits: WaitOptions = {}): Promise<T> {
    validateWaitOptions(limits);
    return waitWithin(this, limits);
  }

  /**
   * Resolves to the error that the task threw, or null if it succeeded.
   *
   * @throws a `CancelledError`, or at a limit a `TimeoutError` or the reason of the signal (as a rejection)
   */
  async exception(limits: WaitOptions = {}): Promise<unknown> {
    try {
      await this.result(limits);
      return null;
    } catch (error) {
      if (this.#state === 'rejected' && error === this.#outcome) return error;
      throw error;
    }
  }

  /**
   * Calls `fn` with this future when it is done, never before `addDoneCallback` returns, and in the asynchronous
   * context of this call, as `AsyncLocalStorage` has it. An error that it throws becomes a process warning. The
   * callback does not count as looking at a failure, which stays unobserved until its error is asked for.
   */
  addDoneCallback(fn: DoneCallback<this>): void {
    validateFunction(fn, 'a done callback');
    this.#addCallback(new CallbackInContext(fn));
  }

  /**
   * Calls `fn` with each value that the task reports by `reportProgress` from now on, in order, and in the asynchronous
   * context of this call. All that a task has reported comes before its result. An error that `fn` throws becomes a process
   * warning. Futures of `collect` and `compose` have no task, and so no such values.
   *
   * @example
   *   const future = pool.submit(train, 100);
   *   future.addProgressCallback(({ epoch, loss }) => console.log(epoch, loss));
   *
   * @throws {TypeError} if `fn` is not a function
   * @since 0.1.0
   */
  addProgressCallback<V = unknown>(fn: ProgressCallback<V, this>): void {
    validateFunction(fn, 'a progress callback');
    if (!this.done()) listenToProgress(this, fn);
  }

  /** Works as for any promise. Asking for the outcome in this way, or by `await`, counts as looking at it. */
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: RejectionHandler<B>,
  ): Promise<A | B> {
    this.#markObserved();
    return super.then(onFulfilled, onRejected);
  }

  /** Shows the state and the outcome in `util.inspect`, which does not count as looking at the outcome. */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    if (!(#state in this)) return 'Future {}'; // it stands for a future, as a proxy does
    const state = this.#state;
    const outcome = this.#outcome;
    const fields =
      state === 'fulfilled'
        ? { state, value: outcome }
        : this.done()
          ? { state, error: outcome }
          : { state };
    return show(this, 'Future', fields, depth, options);
  }

  #cancel(reason: unknown, kill: Kill | undefined): boolean {
    const owner = this.#owner;
    const isPending = this.#state === 'pending' && owner?.mayCancel?.(this) !== false;
    const isKilled = !isPending && this.#state === 'running' && kill && owner?.onKill !== undefined;
    if (isPending || isKilled) {
      const options = reason === undefined ? undefined : { cause: reason };
      this.#fail('cancelled', new CancelledError(undefined, options));
      if (isPending) owner?.onCancel(this, kill);
      else owner!.onKill!(this, reason, kill!);
    }
    return this.#state === 'cancelled';
  }

  #addCallback(callback: Callback<never>): void {
    const callbacks = this.#callbacks;
    if (this.done()) callBackSoon(this, [callback]);
    else if (callbacks === null) this.#outcome = [callback];
    else callbacks.push(callback);
  }

  get #callbacks(): Callback<never>[] | null {
    return this.done() ? null : (this.#outcome as Callback<never>[] | null);
  }

  #markObserved(): void {
    if (this.#observed) return;
    this.#observed = true;
    if (this.#state === 'rejected') this.#owner?.unobservedFailures?.delete(this);
  }

  #start(): boolean {
    this.#expectNotDone();
    if (this.#state === 'pending') this.#state = 'running';
    return this.#state === 'running';
  }

  #succeed(value: unknown): boolean {
    this.#expectNotDone();
    if (this.#state === 'cancelled') return false;
    const resolve = this.#resolve;
    this.#settle('fulfilled', value);
    resolve?.(value as never);
    return true;
  }

  #fail(state: 'rejected' | 'cancelled', error: unknown): boolean {
    this.#expectNotDone();
    if (this.#state === 'cancelled') return false;
    const resolve = this.#resolve;
    this.#settle(state, error);
    // An empty handler keeps Node.js from reporting an unhandled rejection.
    super.then(undefined, () => undefined);
    if (!this.#observed && state === 'rejected') this.#owner?.unobservedFailures?.add(this, error);
    resolve?.(new Rejection(error) as never);
    return true;
  }

  #settle(state: FutureState, outcome: unknown): void {
    const callbacks = this.#callbacks;
    this.#state = state;
    this.#outcome = outcome;
    this.#resolve = null;
    if (callbacks !== null) callBackSoon(this, callbacks);
    this.#owner = this.#owner?.unobservedFailures ?? null;
  }

  #removeCallback(callback: Callback<never>): void {
    const callbacks = this.#callbacks;
    const index = callbacks?.indexOf(callback) ?? -1;
    if (index >= 0) callbacks?.splice(index, 1);
  }

  #expectNotDone(): void {
    if (this.#state !== 'fulfilled' && this.#state !== 'rejected') return;
    throw new InvalidStateError(
      `Expected a future that is not done but received one ${this.#state}`,
    );
  }
}

/** A promise that is resolved with it is rejected: so a future that waits keeps one function of its promise, not both. */
class Rejection {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  then(_: unknown, reject: Settler): void {
    reject(this.#error as never);
  }
}

type Settler = (outcome: never) => void;

// The declaration of Promise, so that a future can be used wherever a promise can.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type RejectionHandler<B> = ((reason: any) => B | PromiseLike<B>) | null;

const constructorKey = Symbol('Future constructor');

// The constructor of Promise passes `resolve` to a callback. One callback serves all futures: it stores `resolve` here.
let capturedResolve: Settler | null = null;
function captureResolve(resolve: Settler): void {
  capturedResolve = resolve;
}
