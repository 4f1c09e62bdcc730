/** The peers are no dependencies of this project: the benchmark installs them beside itself, as bench/peers/package.json says. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';

export { load as fromPeers } from '../peers/load.mjs';

export const peersDirectory = path.join(root, 'bench', 'peers');

/** The tasks as a file that a pool loads on its workers. */
export const tasksFile = path.join(root, 'bench', 'programs', 'tasks.mjs');

/** The version that is installed; undefined if none is. @param {string} name */
export function versionOf(name) {
  const manifest = path.join(peersDirectory, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? readJson(manifest).version : undefined;
}

/** True if all peers are there, in the versions that the lock file names. */
export function areInstalled() {
  const { dependencies } = readJson(path.join(peersDirectory, 'package.json'));
  const { packages } = readJson(path.join(peersDirectory, 'package-lock.json'));
  return Object.keys(dependencies).every(
    (name) => versionOf(name) === packages[`node_modules/${name}`].version,
  );
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
