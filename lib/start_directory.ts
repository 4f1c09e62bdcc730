/** The working directory at the start. A task may change it: nothing of this package is looked for relative to it then. */
export const startDirectory = workingDirectory();

// It may have been removed.
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
