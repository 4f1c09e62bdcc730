import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own directory: of the repository, or inside somebody's node_modules. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Where addons are put, and loaded from. */
export const addonDirectory = path.join(root, 'build', 'Release');

/**
 * The addon for one MPI.
 * @param {string} implementation
 */
export function addonFile(implementation) {
  return path.join(addonDirectory, `${implementation}.node`);
}
