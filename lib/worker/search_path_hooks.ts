/** Resolution in further directories, in the thread that Node.js 20 runs hooks in. */

import { findInDirectories } from './find_in_directories.js';

type NextResolve = (specifier: string, context: object) => Promise<object>;

let directories: readonly string[] = [];

export function initialize(paths: readonly string[]): void {
  directories = paths;
}

export async function resolve(
  specifier: string,
  context: object,
  next: NextResolve,
): Promise<object> {
  try {
    return await next(specifier, context);
  } catch (error) {
    const url = findInDirectories(specifier, directories);
    if (url === undefined) throw error;
    return next(url, context);
  }
}
