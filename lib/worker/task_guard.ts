/**
 * What a task does beside returning and throwing: it calls process.exit, or something that it has started throws later.
 *
 * A task runs in an asynchronous context, which the timers, promises and events that it starts inherit. So what they throw
 * is the failure of that task while it runs. When it has ended it is nobody's: it is reported, and the worker goes on.
 *
 * A context of its own costs a task almost a microsecond. Functions that have been synchronous so far share one: when what
 * they have started throws, they have ended in any case.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

import { describeThrown } from '../describe_thrown.js';
import { TaskExitError } from '../errors.js';
import { report } from '../pool/role.js';
import { endBroken } from './broken.js';
import { asOwn } from './language.js';

/** Something of the program's that runs on this worker: a task, or the set-up of an executor. */
export class Run {
  /** Why it fails, whatever it returns or throws. */
  failure: { readonly error: unknown } | undefined = undefined;
  ended = false;
  /** Called when it fails while it is awaited. */
  interrupted: ((error: unknown) => void) | undefined = undefined;

  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { error };
    this.interrupted?.(error);
  }
}

const context = new AsyncLocalStorage<Run | undefined>();
let entered: Run | undefined;

/** Stands for the task that runs now, of those that share a context. */
const shared = new Run();
/** One of them that was not synchronous after all. */
let heir: Run | undefined;
/** What is awaited: no other run can have begun since. */
let awaited: Run | undefined;
/** By kind of task: whether its function has always been synchronous. */
const synchronous = new Map<number, boolean>();

/** Begins something; what is called until {@link leave} is its doing. */
export function begin(): Run {
  const run = new Run();
  enter(run);
  return run;
}

/** Begins a task of a kind. */
export function beginTask(kind: number): Run {
  if (synchronous.get(kind) !== true) return begin();
  shared.failure = undefined;
  shared.ended = false;
  enter(shared);
  return shared;
}

/** What is called from here on is nobody's doing. */
export function leave(): void {
  enter(undefined);
}

function enter(run: Run | undefined): void {
  if (entered === run) return;
  entered = run;
  context.enterWith(run);
}

/** The task `run` has done all it does at once. */
export function wasSynchronous(run: Run, kind: number): void {
  if (run !== shared && !synchronous.has(kind)) synchronous.set(kind, true);
}

/** The task `run` has to be awaited, as the run that is returned. */
export function wasAsynchronous(run: Run, kind: number): Run {
  synchronous.set(kind, false);
  if (run !== shared) return run;
  shared.ended = true;
  heir = new Run();
  heir.failure = shared.failure;
  return heir;
}

/** Resolves or rejects as `started` does, or rejects at once when the run fails otherwise. */
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

/** Errors of process.exit: they have been told of, and need not be when they come up again as something thrown. */
const exits = new WeakSet<object>();

/** From now on, until what is returned is called, neither process.exit nor an uncaught error ends this process. */
export function guardProcess(): () => void {
  const exit = process.exit.bind(process);
  const original: unknown = Reflect.get(process, 'exit');
  let isGuarded = true;
  const guardedExit = (code?: number | string | null): never => {
    if (!isGuarded) return exit(code);
    throw asOwn(() => exitOfTask(code));
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
  if (run !== undefined) run.fail(error);
  else
    reportLeftover(`thrown on a worker, outside of any task that runs:\n${describeThrown(error)}`);
}

/** More than this in a second, and the worker does nothing else any more. */
const mostLeftovers = 1000;
let leftovers = 0;
let leftoversSince = 0;

function reportLeftover(text: string): void {
  const now = performance.now();
  if (now - leftoversSince > 1000) {
    leftoversSince = now;
    leftovers = 0;
  }
  report(`mpi-futures: ${text}\n`);
  if (++leftovers > mostLeftovers)
    endBroken(new Error(`More than ${mostLeftovers} errors in a second, outside of any task`));
}

/** To be thrown: what follows the call must not run. */
function exitOfTask(code: number | string | null | undefined): TaskExitError {
  const exitCode = checkedExitCode(code);
  const error = new TaskExitError(`process.exit(${exitCode}) was called on a worker`, { exitCode });
  exits.add(error);
  const run = responsible();
  if (run !== undefined) run.fail(error);
  else
    reportLeftover(
      `process.exit(${exitCode}) was called on a worker, outside of any task that runs`,
    );
  return error;
}

/** The run that has led here; undefined if it has ended. */
function responsible(): Run | undefined {
  // There is none after a callback of native code, and after queueMicrotask on Node.js 20.
  const inherited = context.getStore() ?? awaited;
  const run = inherited === shared && shared.ended ? heir : inherited;
  return run?.ended === false ? run : undefined;
}

// Node.js itself knows which codes are valid, and what to throw for others.
function checkedExitCode(code: number | string | null | undefined): number {
  const before = process.exitCode;
  if (code !== undefined) process.exitCode = code ?? undefined;
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return exitCode;
}
