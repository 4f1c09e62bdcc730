/** Finds the files of programs. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** True if this user may execute the file. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** True if a program of this name is in a directory of PATH. */
export function isOnPath(program: string, path = process.env.PATH ?? ''): boolean {
  return path.split(delimiter).some((directory) => isExecutable(join(directory, program)));
}
