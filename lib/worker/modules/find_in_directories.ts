import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// True while this file resolves: the resolver that it calls asks this file again if it finds nothing.
let looking = false;

/**
 * The URL of the file to which a bare `specifier` resolves in one of `paths`: in the directory itself, or in its
 * node_modules.
 */
export function findInDirectories(specifier: string, paths: readonly string[]): string | undefined {
  if (looking || !isBare(specifier)) return undefined;
  looking = true;
  try {
    return find(specifier, paths);
  } finally {
    looking = false;
  }
}

/** True for the specifier of a package, such as `lodash/map`, and false for a path, a URL or an `#import`. */
export function isBare(specifier: string): boolean {
  return !/^(\.{0,2}\/|[a-z]+:|#)/i.test(specifier);
}

function find(specifier: string, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const require = createRequire(join(path, 'any'));
    for (const name of [`./${specifier}`, specifier]) {
      try {
        return pathToFileURL(require.resolve(name)).href;
      } catch {
        // Searched for in the next directory.
      }
    }
  }
  return undefined;
}
