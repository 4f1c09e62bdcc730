// Lists the system packages that are needed to compile the addon, those that are missing, and the command that installs them.

import { IMPLEMENTATIONS } from './mpi_environment.mjs';
import { findMpicc } from './mpi_compiler.mjs';
import { capture, findProgram } from './programs.mjs';
import { commandsFor, findPackageManager } from './setup/package_managers.mjs';

/** @typedef {import('./setup/package_managers.mjs').Need} Need */

/** Those that CMake looks for, the first of them unless CXX names one. */
export const COMPILERS = ['c++', 'g++', 'clang++'];
export const MAKES = ['make', 'ninja'];

/** @type {Record<Need, string>} */
const NAMES = {
  compiler: 'a C++17 compiler',
  make: 'make',
  cmake: 'CMake',
  openmpi: 'Open MPI with its C headers',
  mpich: 'MPICH with its C headers',
  browser: 'Chromium',
};

/**
 * Compiler, make and CMake, as far as they are not on PATH.
 * @returns {Need[]}
 */
export function missingTools() {
  /** @type {[Need, boolean][]} */
  const tools = [
    ['compiler', hasCompiler()],
    ['make', MAKES.some(findProgram)],
    ['cmake', findProgram('cmake') !== undefined],
  ];
  return tools.filter(([, isThere]) => !isThere).map(([need]) => need);
}

/**
 * An MPI, if there is none to build for. Without a compiler its wrapper cannot tell whose it is: then any will do.
 * @returns {Need[]}
 */
export function missingMpi() {
  const wrappers = ['mpicc', ...IMPLEMENTATIONS.map((implementation) => `mpicc.${implementation}`)];
  const isThere = hasCompiler() ? IMPLEMENTATIONS.some(findMpicc) : wrappers.some(findProgram);
  return isThere ? [] : ['openmpi'];
}

function hasCompiler() {
  // On a Mac these commands always exist; without a compiler they open a dialog.
  if (process.platform === 'darwin') return capture('xcode-select', ['-p']).ok;
  const { CXX } = process.env;
  return CXX ? findProgram(CXX.split(' ')[0] ?? '') !== undefined : COMPILERS.some(findProgram);
}

/**
 * Says in words and commands how to install what is missing.
 * @param {string} who needs it
 * @param {readonly Need[]} needs
 * @param {{ anyMpi?: boolean }} [options] whether the other MPI will do as well
 */
export function advice(who, needs, { anyMpi = false } = {}) {
  const list = needs.map((need) =>
    need === 'openmpi' && anyMpi ? `${NAMES[need]} (or MPICH)` : NAMES[need],
  );
  const manager = findPackageManager();
  const how = manager
    ? commandsFor(manager, needs).map((command) => `    ${command}`)
    : ['    whatever your system has for it, with mpicc and mpiexec on PATH'];
  return [
    `${who} needs ${list.join(', ')}. Install with`,
    '',
    ...how,
    '',
    'and run this again.',
  ].join('\n');
}
