/**
 * The working directory at the start. Tasks may change the directory, so this package resolves its own paths from here.
 */
export const startDirectory = workingDirectory();

// It may have been removed.
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
