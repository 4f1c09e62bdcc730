/** Whether this process runs the program or serves one that does. */

const key = Symbol.for('mpi-futures.worker');
const shared = globalThis as unknown as Record<
  symbol,
  { importing: string | undefined } | undefined
>;

/** This process is a worker. Called before anything of the user's is imported. */
export function markAsWorker(): void {
  shared[key] = { importing: undefined };
}

export function isWorker(): boolean {
  return shared[key] !== undefined;
}

/** On a worker, while it imports a module of the user's for the sake of a function. */
export function setImporting(module: string | undefined): void {
  const worker = shared[key];
  if (worker !== undefined) worker.importing = module;
}

/** The module a worker is importing at the moment. A pool started meanwhile would spawn without end. */
export function importing(): string | undefined {
  return shared[key]?.importing;
}
