/**
 * Guards the worker against a task that calls process.exit, or has started something that throws later.
 *
 * A task runs in an asynchronous context, which the timers, promises and events that it starts inherit. An error that
 * they throw makes that task fail while it runs. After the task has ended, the error belongs to no task: it is
 * reported, and the worker goes on.
 *
 * Each task has a context of its own. It costs a tenth of a microsecond on Node.js 20, and less than half of one on 24.
 * With a shared context, tasks were blamed for what earlier ones had left behind.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

import { describeThrown } from '../describe_thrown.js';
import { TaskExitError } from '../errors.js';
import { withoutFramesOfCalls } from '../own_frames.js';
import { report } from '../process/program_or_worker.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import { endBroken } from './end_broken.js';
import { asOwn } from './unchanged_language.js';

/** Code of the program that runs on this worker: a task, or the set-up of an executor. */
export class Run {
  /** The failure of the run, whatever its function returns or throws. */
  failure: { readonly error: unknown } | undefined = undefined;
  ended = false;
  /** Called when the run fails while it is awaited. */
  interrupted: ((error: unknown) => void) | undefined = undefined;
  /** The id of the task; 0 for a set-up. */
  task = 0;
  /** The function that the run calls. */
  fn: AnyFunction | undefined = undefined;

  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { error };
    this.interrupted?.(error);
  }

  /**
   * Ends the run. Timers and promises that it has started may live on and keep this object in memory, so the failure is
   * not kept.
   */
  end(): void {
    this.ended = true;
    this.failure = undefined;
    this.interrupted = undefined;
    if (awaited === this) awaited = undefined;
  }
}

const context = new AsyncLocalStorage<Run | undefined>();
let entered: Run | undefined;

/** The run that is awaited. No other run can have begun since. */
let awaited: Run | undefined;

/** Begins a run: everything called until {@link leave} belongs to it. */
export function begin(): Run {
  const run = new Run();
  enter(run);
  return run;
}

/** Leaves the run: calls from here on belong to no run. */
export function leave(): void {
  enter(undefined);
}

function enter(run: Run | undefined): void {
  if (entered === run) return;
  entered = run;
  context.enterWith(run);
}

/** Settles as `started` does, or rejects at once if the run fails in another way. */
export function awaitRun<T>(run: Run, started: PromiseLike<T>): Promise<T> {
  awaited = run;
  return new Promise<T>((resolve, reject) => {
    run.interrupted = reject;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is what the task threw
    if (run.failure !== undefined) reject(run.failure.error);
    // Adopted as `await` does it: a thenable may throw, or call back twice.
    Promise.resolve(started).then(resolve, reject);
  });
}

/**
 * Errors that process.exit has thrown. They have been reported, and need not be when they come up again as uncaught
 * errors.
 */
const exits = new WeakSet<object>();

/** The run whose code has led to this call; undefined if it has ended. */
export function presentRun(): Run | undefined {
  const run = responsible();
  return run?.ended === false ? run : undefined;
}

/** Lets neither process.exit nor an uncaught error end this process, until the returned function is called. */
export function guardProcess(): () => void {
  const exit = process.exit.bind(process);
  const original: unknown = Reflect.get(process, 'exit');
  let isGuarded = true;
  const guardedExit = (code?: number | string | null): never => {
    if (!isGuarded) return exit(code);
    throw asOwn(() => exitOfTask(code, guardedExit));
  };
  process.exit = guardedExit;
  const thrown = (error: unknown): void => {
    asOwn(() => thrownElsewhere(error));
  };
  process.on('uncaughtException', thrown);
  process.on('unhandledRejection', thrown);
  return () => {
    isGuarded = false;
    if (process.exit === guardedExit) Reflect.set(process, 'exit', original);
    process.off('uncaughtException', thrown);
    process.off('unhandledRejection', thrown);
  };
}

function thrownElsewhere(error: unknown): void {
  if (typeof error === 'object' && error !== null && exits.has(error)) return;
  const run = responsible();
  if (run?.ended === false) run.fail(error);
  else reportLeftover('an error was thrown on a worker', run, `:\n${describeLeftover(error)}`);
}

/** The text of an error, and of those inside it, without the frames that show how this package called the task. */
function describeLeftover(error: unknown): string {
  return withoutFramesOfCalls(describeThrown(error));
}

/** The limit of leftover errors per second, above which the worker is considered broken. */
const mostLeftovers = 1000;
let leftovers = 0;
let leftoversSince = 0;

function reportLeftover(what: string, by: Run | undefined, detail = ''): void {
  const now = performance.now();
  if (now - leftoversSince > 1000) {
    leftoversSince = now;
    leftovers = 0;
  }
  const left = by === undefined ? '' : `, by code that ${nameOf(by)} left running`;
  report(`mpi-futures: ${what}, outside of any running task${left}${detail}\n`);
  if (++leftovers > mostLeftovers)
    endBroken(new Error(`More than ${mostLeftovers} errors in a second, outside of any task`));
}

function nameOf({ fn }: Run): string {
  if (fn === undefined) return 'the set-up of an executor';
  try {
    if (fn.name !== '') return `a task of ${fn.name}`;
  } catch {
    // It is a proxy.
  }
  return 'a task of an anonymous function';
}

/**
 * The error to throw from `exit`, which stands for process.exit, because the code after the call must not run. Its stack begins with
 * that call.
 */
function exitOfTask(
  code: number | string | null | undefined,
  exit: (code?: number) => never,
): TaskExitError {
  const exitCode = checkedExitCode(code);
  const error = new TaskExitError(`process.exit(${exitCode}) was called on a worker`, { exitCode });
  Error.captureStackTrace(error, exit);
  exits.add(error);
  const run = responsible();
  if (run?.ended === false) run.fail(error);
  else reportLeftover(`process.exit(${exitCode}) was called on a worker`, run);
  return error;
}

/** The run that has led here, which may have ended. */
function responsible(): Run | undefined {
  // There is none after a callback of native code, and after queueMicrotask on Node.js 20.
  return context.getStore() ?? awaited;
}

// Node.js itself knows which codes are valid, and what to throw for others.
function checkedExitCode(code: number | string | null | undefined): number {
  const before = process.exitCode;
  if (code !== undefined) process.exitCode = code ?? undefined;
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return exitCode;
}
