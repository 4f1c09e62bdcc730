/** Tells a process, or a thread, that runs the program from one that serves a program as its worker. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';

import { UsageError } from '../errors.js';
import { PerThread } from '../per_thread.js';
import { loadModule } from '../functions/load_module.js';
import type { ModuleToLoad, Namespace } from '../functions/module_access.js';

/** How a worker reaches the user, and ends the program. */
export interface WorkerWays {
  /** Says something to the user. */
  report(text: string): void;
  /** Ends all processes of the program with status 1. */
  endProgram(): never;
}

/** A module that is being imported for the sake of a function. */
interface Import {
  readonly module: string;
  /** Resolved when it stays where it is: its functions can be used. */
  readonly stays: Promise<void>;
  readonly stay: () => void;
}

interface WorkerRole {
  /** The module whose import, or anything it has started since, is running. */
  readonly importing: AsyncLocalStorage<Import>;
  /** By URL. */
  readonly imports: Map<string, Import>;
  readonly ways: WorkerWays;
  /** As it was before tasks could call it. */
  readonly exit: (code: number) => never;
}

const shared = new PerThread<WorkerRole>('worker');

const waysOfProcess: WorkerWays = {
  report: (text) => process.stderr.write(text),
  // A worker process that is not told to end takes all others with it.
  endProgram: () => endProcess(1),
};

/** This process, or this thread, is a worker. Called before anything of the user's is imported. */
export function markAsWorker(ways: WorkerWays = waysOfProcess): void {
  const exit = process.exit.bind(process);
  shared.value = { importing: new AsyncLocalStorage(), imports: new Map(), ways, exit };
}

/** It runs the program again, as it did before it was marked. */
export function markAsProgram(): void {
  shared.value = undefined;
}

/** True from {@link markAsWorker} on, in all copies of this package in this thread. */
export function isWorker(): boolean {
  return shared.value !== undefined;
}

/** Loads a module of the user's; on a worker, for the sake of a function. */
export function loadOnWorker(module: ModuleToLoad): Promise<Namespace> {
  const { url } = module;
  const load = () => loadModule(module);
  const worker = shared.value;
  if (worker === undefined) return load();
  let known = worker.imports.get(url);
  if (known === undefined) worker.imports.set(url, (known = beginImport(url)));
  return Promise.race([worker.importing.run(known, load), known.stays.then(() => ({}))]);
}

function beginImport(module: string): Import {
  let stay!: () => void;
  const stays = new Promise<void>((resolve) => (stay = resolve));
  return { module, stays, stay };
}

/** The module that is being imported goes no further; what it has defined so far can be used. */
export function stayInImport(): void {
  shared.value?.importing.getStore()?.stay();
}

/**
 * The module whose import on this worker has led to this call, be it through timers and promises that it has left behind;
 * undefined in a task. A pool started there would spawn without end.
 */
export function importing(): string | undefined {
  return shared.value?.importing.getStore()?.module;
}

/** Says something to the user: on stderr, or, where a worker's leads nowhere, on the master's. */
export function report(text: string): void {
  (shared.value?.ways ?? waysOfProcess).report(text);
}

/** Ends this process or thread, also where process.exit would only end a task. */
export function endProcess(code: number): never {
  return (shared.value?.exit ?? process.exit)(code);
}

/** Ends all processes and threads of the program with status 1. */
export function endProgram(): never {
  const worker = shared.value;
  if (worker !== undefined) worker.ways.endProgram();
  if (isMainThread) process.exit(1);
  // A thread of the user's own: what it does not catch ends the program, unless whoever started it wants otherwise.
  throw new UsageError('A worker has started a pool while it imported a module; see stderr');
}
