import { inspect, type InspectOptions } from 'node:util';
import { CancelledError, InvalidStateError } from '../errors.js';
import { validateFunction } from '../validators.js';
import { show } from '../show.js';
import {
  callBackSoon,
  CallbackInContext,
  type Callback,
  type DoneCallback,
} from './done_callbacks.js';
import type { UnobservedFailures } from './unobserved_failures.js';
import { validateWaitOptions, waitWithin, type WaitOptions } from './wait_limits.js';

/** A future is pending until its task starts or it is cancelled, then running until that ends. */
export type FutureState = 'pending' | 'running' | 'cancelled' | 'fulfilled' | 'rejected';

/** The maker of a future, which will settle it. One owner may have many futures. */
export interface FutureOwner {
  /** The future was cancelled while it was pending: its task need not run. */
  onCancel(future: Future<unknown>): void;
  /** Where failures are counted until somebody looks at them. */
  readonly unobservedFailures?: UnobservedFailures | undefined;
  /** The futures that must be done before its own can be. */
  readonly waitsFor?: Iterable<Future<unknown>>;
}

/** Operations on a future for executors and the functions over futures, and for no other code; see future_control.ts. */
export interface FutureControl {
  create(owner: FutureOwner | null): Future<unknown>;
  start(future: Future<unknown>): boolean;
  requeue(future: Future<unknown>): void;
  resolve(future: Future<unknown>, value: unknown): boolean;
  reject(future: Future<unknown>, error: unknown): boolean;
  markObserved(future: Future<unknown>): void;
  outcome(future: Future<unknown>): unknown;
  isFuture(value: unknown): boolean;
  addCallback(future: Future<unknown>, callback: Callback<never>): void;
  removeCallback(future: Future<unknown>, callback: Callback<never>): void;
  waitsFor(future: Future<unknown>): Iterable<Future<unknown>>;
  unobservedFailures(future: Future<unknown>): UnobservedFailures | undefined;
}

/** One for all futures: two closures for each would cost more than all the rest of it. */
export let control: FutureControl;

/**
 * The outcome of a task, now or later: a promise that can be asked for its state and be cancelled,
 * as the one of Python's `concurrent.futures`. Made and settled by executors, `collect` and `compose`
 * only. A failure that nobody looks at is no `unhandledRejection`; a warning tells of it when its
 * executor has been shut down or the program ends.
 */
export class Future<T> extends Promise<T> {
  /** `then`, `catch` and `finally` give plain promises: there is no task of theirs to cancel. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #state: FutureState = 'pending';
  #observed = false;
  #outcome: unknown = undefined;
  #resolve: Settler | null;
  #reject: Settler | null;
  // Once done, of the owner only the count of failures is kept: the task can be freed.
  #owner: FutureOwner | null;
  #callbacks: Callback<never>[] | null = null;

  private constructor(key: symbol, owner: FutureOwner | null) {
    if (key !== constructorKey)
      throw Object.assign(new TypeError('A future is made by an executor: call submit'), {
        code: 'ERR_ILLEGAL_CONSTRUCTOR',
      });
    super(captureSettlers);
    this.#resolve = capturedResolve;
    this.#reject = capturedReject;
    capturedResolve = capturedReject = null; // they would keep the future
    this.#owner = owner;
  }

  static {
    // A bundler may have renamed it.
    Object.defineProperty(Future.prototype.constructor, 'name', { value: 'Future' });
    control = {
      create: (owner) => new Future(constructorKey, owner),
      start: (future) => future.#start(),
      requeue: (future) => {
        if (future.#state === 'running') future.#state = 'pending';
      },
      resolve: (future, value) => future.#succeed(value),
      reject: (future, error) => future.#fail('rejected', error),
      markObserved: (future) => future.#markObserved(),
      outcome: (future) => future.#outcome,
      isFuture: (value) => typeof value === 'object' && value !== null && #state in value,
      addCallback: (future, callback) => future.#addCallback(callback),
      removeCallback: (future, callback) => future.#removeCallback(callback),
      waitsFor: (future) => future.#owner?.waitsFor ?? [],
      unobservedFailures: (future) => future.#owner?.unobservedFailures,
    };
  }

  /** The state now. */
  get state(): FutureState {
    return this.#state;
  }

  /**
   * Cancels what has not started: the future then fails with a `CancelledError`.
   * @param reason becomes the `cause` of the error
   * @returns whether it is cancelled, now or before; false if its task runs or it is done
   */
  cancel(reason?: unknown): boolean {
    if (this.#state === 'pending') {
      const owner = this.#owner;
      const options = reason === undefined ? undefined : { cause: reason };
      this.#fail('cancelled', new CancelledError(undefined, options));
      owner?.onCancel(this);
    }
    return this.#state === 'cancelled';
  }

  /** True once it was cancelled. */
  cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** True while its task has been sent to a worker and has not ended. */
  running(): boolean {
    return this.#state === 'running';
  }

  /** True once its task has ended or it was cancelled. */
  done(): boolean {
    return this.#state !== 'pending' && this.#state !== 'running';
  }

  /**
   * The result, as `await` gives it, or within limits.
   * @throws what the task threw, a `CancelledError`, at a limit a `TimeoutError` or the reason of the signal (as a rejection)
   */
  async result(limits: WaitOptions = {}): Promise<T> {
    validateWaitOptions(limits);
    return waitWithin(this, limits);
  }

  /**
   * The error of the task: whatever it threw; null if it succeeded.
   * @throws a `CancelledError`, at a limit a `TimeoutError` or the reason of the signal (as a rejection)
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
   * Calls `fn` with this future when it is done, never before `addDoneCallback` returns, and in the
   * asynchronous context of this call, as `AsyncLocalStorage` has it. If it throws, that is a process
   * warning. To be told of the end is not to look at it: a failure stays
   * unobserved until its error is asked for.
   */
  addDoneCallback(fn: DoneCallback<this>): void {
    validateFunction(fn, 'a done callback');
    this.#addCallback(new CallbackInContext(fn));
  }

  /** As of any promise. To ask for the outcome in this way, or by `await`, is to look at it. */
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: RejectionHandler<B>,
  ): Promise<A | B> {
    this.#markObserved();
    return super.then(onFulfilled, onRejected);
  }

  /** For `util.inspect`: the state, and the outcome, which is not looked at by that. */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
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

  #addCallback(callback: Callback<never>): void {
    if (this.done()) callBackSoon(this, [callback]);
    else if (this.#callbacks === null) this.#callbacks = [callback];
    else this.#callbacks.push(callback);
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
    const reject = this.#reject;
    this.#settle(state, error);
    // With a handler, even one that does nothing, Node.js reports no unhandled rejection.
    super.then(undefined, () => undefined);
    if (!this.#observed && state === 'rejected') this.#owner?.unobservedFailures?.add(this, error);
    reject?.(error as never);
    return true;
  }

  #settle(state: FutureState, outcome: unknown): void {
    this.#state = state;
    this.#outcome = outcome;
    this.#resolve = null;
    this.#reject = null;
    if (this.#callbacks !== null) callBackSoon(this, this.#callbacks);
    this.#callbacks = null;
    this.#owner = this.#owner?.unobservedFailures ?? null;
  }

  #removeCallback(callback: Callback<never>): void {
    const index = this.#callbacks?.indexOf(callback) ?? -1;
    if (index >= 0) this.#callbacks?.splice(index, 1);
  }

  #expectNotDone(): void {
    if (this.#state !== 'fulfilled' && this.#state !== 'rejected') return;
    throw new InvalidStateError(
      `Expected a future that is not done but received one ${this.#state}`,
    );
  }
}

type Settler = (outcome: never) => void;

// As Promise declares it, so that a future can stand wherever a promise does.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type RejectionHandler<B> = ((reason: any) => B | PromiseLike<B>) | null;

const constructorKey = Symbol('Future constructor');

// A promise hands its settlers to a callback. One callback serves all futures: it leaves them here.
let capturedResolve: Settler | null = null;
let capturedReject: Settler | null = null;
function captureSettlers(resolve: Settler, reject: Settler): void {
  capturedResolve = resolve;
  capturedReject = reject;
}
