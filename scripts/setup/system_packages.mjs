// What comes from the system, not from npm: a C++ compiler, make, CMake and an MPI.

import { ScriptError } from '../main.mjs';
import { findMpicc } from '../mpi_compiler.mjs';
import { findMpiexec, FLAVORS } from '../mpi_environment.mjs';
import { capture, findProgram } from '../programs.mjs';
import { install, mayInstall } from './install_packages.mjs';
import { commandsFor, findPackageManager, packagesFor } from './package_managers.mjs';
import { fingerprintOf, identity } from './stamp.mjs';

/** @typedef {import('../mpi_environment.mjs').Flavor} Flavor */
/** @typedef {import('./package_managers.mjs').Need} Need */

const COMPILERS = ['c++', 'g++', 'clang++'];
const MAKES = ['make', 'ninja'];

/** @type {import('../setup.mjs').Step} */
export const systemPackages = {
  name: 'system-packages',

  fingerprint: ({ mpis }) =>
    fingerprintOf([
      ...mpis,
      ...[...COMPILERS, ...MAKES, 'cmake', 'mpicc', 'mpiexec']
        .concat(FLAVORS.flatMap((flavor) => [`mpicc.${flavor}`, `mpiexec.${flavor}`]))
        .map((name) => identity(findProgram(name))),
    ]),

  isThere: () => true,

  run(announce, { mpis }) {
    const manager = findPackageManager();
    const needs = [...missing(mpis), ...unfinished(mpis)];
    if (needs.length > 0 && manager && mayInstall(manager, needs)) {
      announce(`${packagesFor(manager, needs).join(' ')}, with ${manager.program}`);
      install(manager, needs);
    }
    const still = missing(mpis);
    if (still.length > 0) throw new ScriptError(advice(still, mpis));
  },
};

/**
 * What set-up cannot do without.
 * @param {readonly Flavor[]} mpis to insist on
 * @returns {Need[]}
 */
function missing(mpis) {
  return [...missingTools(), ...missingMpis(mpis)];
}

/** @returns {Need[]} */
function missingTools() {
  /** @type {[Need, boolean][]} */
  const tools = [
    ['compiler', hasCompiler()],
    ['make', MAKES.some(findProgram)],
    ['cmake', findProgram('cmake') !== undefined],
  ];
  return tools.filter(([, isThere]) => !isThere).map(([need]) => need);
}

function hasCompiler() {
  // On a Mac these names are always there and open a dialog where the compiler is not.
  if (process.platform === 'darwin') return capture('xcode-select', ['-p']).ok;
  return COMPILERS.some(findProgram);
}

/**
 * @param {readonly Flavor[]} mpis
 * @returns {readonly Flavor[]}
 */
function missingMpis(mpis) {
  if (mpis.length > 0) return mpis.filter((flavor) => !isComplete(flavor));
  return FLAVORS.some(isComplete) ? [] : FLAVORS.slice(0, 1);
}

/**
 * MPIs installed in part, as a launcher without headers: of use only when completed.
 * @param {readonly Flavor[]} mpis
 */
function unfinished(mpis) {
  const needed = missingMpis(mpis);
  return FLAVORS.filter(
    (flavor) => findMpiexec(flavor) && !isComplete(flavor) && !needed.includes(flavor),
  );
}

/** @param {Flavor} flavor */
function isComplete(flavor) {
  return findMpicc(flavor) !== undefined && findMpiexec(flavor) !== undefined;
}

/**
 * @param {readonly Need[]} needs
 * @param {readonly Flavor[]} mpis
 */
function advice(needs, mpis) {
  const names = {
    compiler: 'a C++17 compiler',
    make: 'make',
    cmake: 'CMake',
    openmpi: `Open MPI with its C headers${mpis.length === 0 ? ' (or MPICH)' : ''}`,
    mpich: 'MPICH with its C headers',
  };
  const list = needs.map((need) => names[need]).join(', ');
  const manager = findPackageManager();
  const how = manager
    ? commandsFor(manager, needs).map((command) => `    ${command}`)
    : ['    whatever your system has for it, with mpicc and mpiexec on PATH'];
  return [`Set-up needs ${list}. Install with`, '', ...how, '', 'and run this again.'].join('\n');
}
