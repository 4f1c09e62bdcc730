import Module from 'node:module';

/** Runs a file the way in which Node.js itself starts a program, so that it is the main module in every respect. */
export function runFile(path: string): void {
  (Module as unknown as { runMain(path: string): void }).runMain(path);
}
