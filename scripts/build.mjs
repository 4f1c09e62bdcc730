// Builds the addon: `node scripts/build.mjs [--mpicc PATH] [--out DIRECTORY]`, or buildAddon(). Used
// by set-up and by the command `mpi-futures build`; needs no development dependency.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cmake, CMakeFailure, runCMake } from './cmake.mjs';
import { runAsProgram, ScriptError } from './main.mjs';
import { advice, missingMpi, missingTools } from './missing_packages.mjs';
import { ABIS, ABI_NAMES, abiOf, ADDON_NAMES, SANDBOX_ADDON } from './mpi_compiler.mjs';
import { addonDirectory, root } from './paths.mjs';
import { findProgram } from './programs.mjs';

/** @typedef {import('./mpi_compiler.mjs').Abi} Abi */

/**
 * @typedef {object} BuildOptions
 * @property {string} [mpicc] of the one MPI to build for
 * @property {string} [out] where the addon goes, if not where the package loads it from: for a second
 *   MPI of one kind, to be named by MPI_FUTURES_ADDON
 * @property {string} [fallback] where it goes if the package's own folder cannot be written to
 * @property {boolean} [quiet] say nothing unless it fails
 * @property {import('./cmake.mjs').Driver} [driver] what runs CMake
 */

/**
 * Compiles the addon for every MPI found, or for the one MPI whose compiler wrapper is given, and
 * puts it into place.
 * @param {BuildOptions} [options]
 * @returns {Promise<Abi[]>} what it was built for
 */
export async function buildAddon({ mpicc, out, fallback, quiet = false, driver = cmake } = {}) {
  const missing = missingTools();
  if (missing.length > 0) throw missingForBuild(mpicc ? missing : [...missing, ...missingMpi()]);
  const wrapper = mpicc === undefined ? undefined : programGiven(mpicc);
  const abis = wrapper === undefined ? [...ABIS] : [abiOfGiven(wrapper)];
  const { place, cmakeTree } = choosePlace(out, fallback, quiet);
  // The results of an earlier run may be of an MPI that was removed.
  fs.rmSync(path.join(cmakeTree, 'CMakeCache.txt'), { force: true });
  fs.rmSync(path.join(cmakeTree, 'Release'), { recursive: true, force: true });

  /** @type {Record<string, string>} */
  const settings = { MPI_FUTURES_ABIS: abis.join(';') };
  if (wrapper !== undefined) settings[`MPI_${abis[0]?.toUpperCase()}_MPICC`] = wrapper;
  const log = path.join(path.dirname(cmakeTree), 'addon.log');
  await runCMake(driver, settings, { tree: cmakeTree, log, quiet }).catch(failedBuild);

  // If CXX is not a compiler, CMake may report success without an addon.
  if (
    !abis.some((abi) => fs.existsSync(path.join(cmakeTree, 'Release', `${ADDON_NAMES[abi]}.node`)))
  )
    throw new CMakeFailure('CMake came to its end, and there is no addon.', log);
  const built = abis.filter((abi) => putIntoPlace(`${ADDON_NAMES[abi]}.node`, cmakeTree, place));
  putIntoPlace(SANDBOX_ADDON, cmakeTree, place);
  if (!quiet) {
    for (const abi of built)
      console.log(`${ABI_NAMES[abi]}: ${path.join(place, `${ADDON_NAMES[abi]}.node`)}`);
  }
  return built;
}

/** @param {readonly import('./missing_packages.mjs').Need[]} needs */
function missingForBuild(needs) {
  const elsewhere = needs.includes('openmpi')
    ? '\nFor an MPI that is installed somewhere else put its mpicc on PATH, or name it: --mpicc PATH'
    : '';
  return new ScriptError(advice('The addon', needs, { anyMpi: true }) + elsewhere);
}

/**
 * Where the addon goes, and where CMake works: nothing is written to the package's folder if it is not for there.
 * @param {string | undefined} out
 * @param {string | undefined} fallback
 * @param {boolean} quiet
 */
function choosePlace(out, fallback, quiet) {
  const own = { place: addonDirectory, cmakeTree: path.join(root, 'build', 'cmake') };
  /** @param {string} place */
  const at = (place) => ({ place, cmakeTree: path.join(place, 'cmake') });
  if (out === '') throw new ScriptError("Expected a folder for --out but received ''");
  if (out !== undefined) {
    const given = at(path.resolve(out));
    const problem = whyNotWritable(given);
    if (problem === undefined) return given;
    throw new ScriptError(
      `Expected a folder that can be written to for --out but received ${out} (${problem})`,
    );
  }
  const problem = whyNotWritable(own);
  if (problem === undefined) return own;
  const reason = `The folder of the package cannot be written to (${problem})`;
  const otherwise = 'Name one that can: mpi-futures build --out DIRECTORY, and MPI_FUTURES_ADDON';
  if (fallback === undefined) throw new ScriptError(`${reason}. ${otherwise}`);
  const cache = at(fallback);
  const another = whyNotWritable(cache);
  if (another !== undefined)
    throw new ScriptError(`${reason}, nor can the cache, ${fallback} (${another}). ${otherwise}`);
  if (!quiet) console.error(`${reason}: the addon goes to a cache, where programs find it.`);
  return cache;
}

/**
 * Makes the folders.
 * @param {{ place: string, cmakeTree: string }} folders
 * @returns {string | undefined} the system's word for why files cannot be written there
 */
function whyNotWritable({ place, cmakeTree }) {
  const words = { EROFS: 'read-only file system', EACCES: 'permission denied' };
  try {
    for (const folder of [place, cmakeTree, path.dirname(cmakeTree)]) {
      makeFolder(folder);
      fs.accessSync(folder, fs.constants.W_OK);
    }
    return undefined;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return Object.entries(words).find(([name]) => name === code)?.[1] ?? message;
  }
}

/**
 * And what has to hold it. Node.js's own `recursive` does not return where the system says that a parent is missing, and it is
 * there, as in /proc.
 * @param {string} folder
 */
function makeFolder(folder) {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (!fs.existsSync(folder)) throw error; // otherwise another build has made it meanwhile
  }
}

/** @param {string} mpicc its name or path */
function programGiven(mpicc) {
  const found = findProgram(mpicc.includes(path.sep) ? path.resolve(mpicc) : mpicc);
  if (found !== undefined) return found;
  throw new ScriptError(
    `Expected the C compiler wrapper of Open MPI or MPICH for --mpicc but received '${mpicc}', which is no program`,
  );
}

/** @param {string} mpicc */
function abiOfGiven(mpicc) {
  const abi = abiOf(mpicc);
  if (abi === undefined) {
    throw new ScriptError(
      'Expected the C compiler wrapper of Open MPI or MPICH ' +
        `but ${mpicc} cannot compile a program that includes mpi.h.`,
    );
  }
  return abi;
}

/** @param {unknown} error */
function failedBuild(error) {
  throw error instanceof CMakeFailure && error.log.includes('No MPI with C headers was found')
    ? missingForBuild(['openmpi'])
    : error;
}

/**
 * Replaces the addon in one step, so that a program starting meanwhile loads the old or the new one
 * whole.
 * @param {string} name
 * @param {string} cmakeTree
 * @param {string} directory
 * @returns {boolean} false where this MPI was not found: then an addon from before is removed
 */
function putIntoPlace(name, cmakeTree, directory) {
  const fresh = path.join(cmakeTree, 'Release', name);
  const place = path.join(directory, name);
  if (!fs.existsSync(fresh)) {
    fs.rmSync(place, { force: true });
    return false;
  }
  fs.renameSync(fresh, place);
  return true;
}

void runAsProgram(import.meta.url, async () => {
  const { values } = parseArgs({
    options: { mpicc: { type: 'string' }, out: { type: 'string' }, fallback: { type: 'string' } },
  });
  await buildAddon(values);
});
