/** Tells a process, or a thread, that runs the program from one that serves a program as its worker. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';

import { UsageError } from '../errors.js';
import { print } from '../print.js';
import { PerThread } from '../per_thread.js';
import { loadModule } from '../functions/load_module.js';
import type { ModuleToLoad, Namespace } from '../functions/module_access.js';

/** The means by which a worker reaches the user, and ends the program. */
export interface WorkerWays {
  /** Prints a text for the user. */
  report(text: string): void;
  /** Ends all processes of the program with status 1. */
  endProgram(): never;
}

/** A module that is being imported because a function needs it. */
interface Import {
  readonly module: string;
  /** Resolves when the import stops half-way for good; the functions defined so far can be used. */
  readonly stays: Promise<void>;
  readonly stay: () => void;
}

interface WorkerRole {
  /** The module whose import is running, or has started the code that is. */
  readonly importing: AsyncLocalStorage<Import>;
  /** The imports by URL. */
  readonly imports: Map<string, Import>;
  readonly ways: WorkerWays;
  /** The original process.exit, before tasks could call it. */
  readonly exit: (code: number) => never;
}

const shared = new PerThread<WorkerRole>('worker');

const waysOfProcess: WorkerWays = {
  report: (text) => {
    print(process.stderr, text);
  },
  // A worker process that ends without being told to ends all others.
  endProgram: () => endProcess(1),
};

/** Marks this process, or this thread, as a worker. Called before anything of the user is imported. */
export function markAsWorker(ways: WorkerWays = waysOfProcess): void {
  const exit = process.exit.bind(process);
  shared.value = { importing: new AsyncLocalStorage(), imports: new Map(), ways, exit };
}

/** Reverses {@link markAsWorker} in a process that runs the program again. */
export function markAsProgram(): void {
  shared.value = undefined;
}

/** True from {@link markAsWorker} on, in all copies of this package in this thread. */
export function isWorker(): boolean {
  return shared.value !== undefined;
}

/** Loads a module of the user; on a worker, because a function needs it. */
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

/** Stops the current import where it is; what the module has defined so far can be used. */
export function stayInImport(): void {
  shared.value?.importing.getStore()?.stay();
}

/**
 * The module whose import on this worker has led to this call, including calls from timers and promises that it has
 * left behind; undefined in a task. A pool started there would spawn workers without end.
 */
export function importing(): string | undefined {
  return shared.value?.importing.getStore()?.module;
}

/** Prints a text for the user: on stderr or, if a worker's stderr leads nowhere, on the master's. */
export function report(text: string): void {
  (shared.value?.ways ?? waysOfProcess).report(text);
}

/** Ends this process or thread, even where process.exit would only end a task. */
export function endProcess(code: number): never {
  return (shared.value?.exit ?? process.exit)(code);
}

/** Ends all processes and threads of the program with status 1. */
export function endProgram(): never {
  const worker = shared.value;
  if (worker !== undefined) worker.ways.endProgram();
  if (isMainThread) process.exit(1);
  // A thread of the user: an error that it does not catch ends the program, unless the code that started the thread
  // prevents that.
  throw new UsageError('A worker has started a pool while it imported a module; see stderr');
}
