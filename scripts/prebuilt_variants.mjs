// The addons that the package includes; lib/addon/loading/addon_files.ts looks for them.

import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/** @typedef {import('./mpi_compiler.mjs').Abi} Abi */

/**
 * The name of the library each is linked to. Those of one ABI have their objects in common: Debian's MPICH has a name of its own.
 * @type {Readonly<Record<string, { abi: Abi, soname: string }>>}
 */
export const VARIANTS = {
  openmpi: { abi: 'openmpi', soname: 'libmpi.so.40' },
  mpich: { abi: 'mpich', soname: 'libmpi.so.12' },
  'mpich-debian': { abi: 'mpich', soname: 'libmpich.so.12' },
  mpi_abi: { abi: 'standard', soname: 'libmpi_abi.so.1' },
};

/** The name of that of sandboxes. */
export const SANDBOX = 'sandbox';

const SOURCES = ['native', 'scripts/cmake'];

/**
 * Those of MPI that were made for Linux on this processor or another one, if they are of the present sources.
 * @param {string} [arch]
 * @returns {{ name: string, abi: Abi, soname: string, file: string }[]}
 */
export function prebuiltAddons(arch = process.arch) {
  return Object.entries(VARIANTS)
    .map(([name, variant]) => ({ name, ...variant, file: prebuiltFile(name, arch) }))
    .filter(isOfPresentSources());
}

/**
 * The one of sandboxes, which has nothing of MPI, where there is one like that.
 * @param {string} [arch]
 * @returns {{ name: string, file: string }[]}
 */
export function prebuiltSandboxAddon(arch = process.arch) {
  return [{ name: SANDBOX, file: prebuiltFile(SANDBOX, arch) }].filter(isOfPresentSources());
}

/** @returns {(addon: { file: string }) => boolean} */
function isOfPresentSources() {
  const newest = Math.max(...SOURCES.flatMap(timesIn));
  return ({ file }) => fs.existsSync(file) && fs.statSync(file).mtimeMs > newest;
}

/**
 * @param {string} name
 * @param {string} arch
 */
function prebuiltFile(name, arch) {
  return path.join(root, 'prebuilt', name, 'prebuilds', `linux-${arch}`, 'mpi-futures.glibc.node');
}

/** @param {string} folder */
function timesIn(folder) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => fs.statSync(path.join(root, folder, name)))
    .filter((file) => file.isFile())
    .map((file) => file.mtimeMs);
}
