import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own directory: of the repository, or inside somebody's node_modules. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Where the addon for one MPI is built, and loaded from.
 * @param {string} flavor
 */
export function addonFile(flavor) {
  return path.join(root, 'build', 'Release', `${flavor}.node`);
}
