/** Whether this process runs the program or serves one that does. */

import { AsyncLocalStorage } from 'node:async_hooks';

interface WorkerRole {
  /** The module whose import, or anything it has started since, is running. */
  readonly importing: AsyncLocalStorage<string>;
  report: (text: string) => void;
}

// For all copies of this package in the process: a program may bring its own.
const key = Symbol.for('mpi-futures.worker');
const shared = globalThis as unknown as Record<symbol, WorkerRole | undefined>;

/** This process is a worker. Called before anything of the user's is imported. */
export function markAsWorker(): void {
  shared[key] = {
    importing: new AsyncLocalStorage(),
    report: (text) => process.stderr.write(text),
  };
}

export function isWorker(): boolean {
  return shared[key] !== undefined;
}

/** Imports a module of the user's on a worker, for the sake of a function. */
export function importOnWorker(module: string): Promise<Record<string, unknown>> {
  const load = () => import(module) as Promise<Record<string, unknown>>;
  return shared[key]?.importing.run(module, load) ?? load();
}

/**
 * The module whose import on this worker has led to this call, be it through timers and promises that it has left behind;
 * undefined in a task. A pool started there would spawn without end.
 */
export function importing(): string | undefined {
  return shared[key]?.importing.getStore();
}

/** How {@link report} reaches the user. */
export function reportBy(report: (text: string) => void): void {
  const worker = shared[key];
  if (worker !== undefined) worker.report = report;
}

/** Says something to the user: on this worker's stderr, or, where that leads nowhere, on the master's. */
export function report(text: string): void {
  shared[key]?.report(text);
}
