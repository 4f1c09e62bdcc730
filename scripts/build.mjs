// Builds the addon: `node scripts/build.mjs [--mpicc PATH] [--out DIRECTORY]`, or buildAddon(). Used
// by set-up and by the command `mpi-futures build`; needs no development dependency.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runAsProgram, ScriptError } from './main.mjs';
import { flavorOf } from './mpi_compiler.mjs';
import { cleanEnvironment, FLAVORS, MPI_NAMES } from './mpi_environment.mjs';
import { addonDirectory, root } from './paths.mjs';
import { findProgram } from './programs.mjs';

/** @typedef {import('./mpi_environment.mjs').Flavor} Flavor */

/**
 * @typedef {object} BuildOptions
 * @property {string} [mpicc] of the one MPI to build for
 * @property {string} [out] where the addon goes, if not where the package loads it from: for a second
 *   MPI of one kind, to be named by MPI_FUTURES_ADDON
 * @property {boolean} [quiet] say nothing unless it fails
 */

/**
 * Compiles the addon for every MPI found, or for the one MPI whose compiler wrapper is given, and
 * puts it into place.
 * @param {BuildOptions} [options]
 * @returns {Flavor[]} the MPIs it was built for
 */
export function buildAddon({ mpicc, out, quiet = false } = {}) {
  const flavors = mpicc === undefined ? [...FLAVORS] : [flavorOfGiven(mpicc)];
  checkCMake();
  const place = out === undefined ? addonDirectory : path.resolve(out);
  const cmakeTree =
    out === undefined ? path.join(root, 'build', 'cmake') : path.join(place, 'cmake');
  const log = path.join(root, 'build', 'addon.log');
  // What an earlier run found and made may be of an MPI that is gone.
  fs.rmSync(path.join(cmakeTree, 'CMakeCache.txt'), { force: true });
  fs.rmSync(path.join(cmakeTree, 'Release'), { recursive: true, force: true });
  fs.mkdirSync(cmakeTree, { recursive: true });
  fs.writeFileSync(log, '');

  const settings = [`--CDMPI_FUTURES_FLAVORS=${flavors.join(';')}`];
  if (mpicc !== undefined) {
    settings.push(`--CDMPI_${flavors[0]?.toUpperCase()}_MPICC=${path.resolve(mpicc)}`);
  }
  runCMakeJs('configure', settings, cmakeTree, log);
  runCMakeJs('build', [], cmakeTree, log);

  const built = flavors.filter((flavor) => putIntoPlace(`${flavor}.node`, cmakeTree, place));
  if (!quiet) {
    for (const flavor of built) {
      console.log(`${MPI_NAMES[flavor]}: ${path.join(place, `${flavor}.node`)}`);
    }
  }
  return built;
}

/** @param {string} mpicc */
function flavorOfGiven(mpicc) {
  const flavor = flavorOf(mpicc);
  if (flavor === undefined) {
    throw new ScriptError(
      'Expected the C compiler wrapper of Open MPI or MPICH ' +
        `but ${mpicc} cannot compile a program that includes mpi.h.`,
    );
  }
  return flavor;
}

function checkCMake() {
  if (findProgram('cmake') === undefined) {
    throw new ScriptError(
      'CMake builds the addon and is not on PATH. Install the package cmake of your system.',
    );
  }
}

/**
 * `configure` and `build` one by one: cmake-js's `compile` starts again after a failure and says
 * everything twice.
 * @param {'configure' | 'build'} command
 * @param {string[]} settings
 * @param {string} cmakeTree
 * @param {string} log
 */
function runCMakeJs(command, settings, cmakeTree, log) {
  const manifest = createRequire(import.meta.url).resolve('cmake-js/package.json');
  const cmakeJs = path.join(path.dirname(manifest), 'bin', 'cmake-js');
  // make, unlike Ninja, compiles one file at a time unless told.
  const env = { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...cleanEnvironment() };
  const output = fs.openSync(log, 'a');
  try {
    const { status } = spawnSync(
      process.execPath,
      [cmakeJs, command, '--directory', root, '--out', cmakeTree, ...settings],
      { cwd: root, env, stdio: ['ignore', output, output] },
    );
    if (status === 0) return;
  } finally {
    fs.closeSync(output);
  }
  const cause = relevantLines(fs.readFileSync(log, 'utf8'));
  throw new ScriptError(`The addon could not be built.\n\n${cause}\n\nThe whole log is in ${log}`);
}

/**
 * The first error, up to where the build tool speaks again; the end of the log where there is none.
 * @param {string} text
 */
function relevantLines(text) {
  const lines = text.trimEnd().split('\n');
  const first = lines.findIndex((line) => /\berror:|CMake Error|undefined reference/.test(line));
  if (first < 0) return lines.slice(-12).join('\n');
  const rest = lines.slice(first, first + 12);
  const next = rest.findIndex((line) => /^(\[|-- |FAILED:|ninja:|g?make)/.test(line));
  return rest
    .slice(0, next < 0 ? rest.length : next)
    .join('\n')
    .trimEnd();
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
  const beside = `${place}.${process.pid}`;
  fs.mkdirSync(directory, { recursive: true });
  fs.copyFileSync(fresh, beside);
  fs.renameSync(beside, place);
  return true;
}

void runAsProgram(import.meta.url, () => {
  const { values } = parseArgs({
    options: { mpicc: { type: 'string' }, out: { type: 'string' } },
  });
  buildAddon(values);
});
