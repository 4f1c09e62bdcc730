// What comes from the system, not from npm: a C++ compiler, make, CMake and an MPI.

import { ScriptError } from '../main.mjs';
import { advice, COMPILERS, MAKES, missingTools } from '../missing_packages.mjs';
import { findMpicc } from '../mpi_compiler.mjs';
import { findMpiexec, FLAVORS } from '../mpi_environment.mjs';
import { findProgram } from '../programs.mjs';
import { install, mayInstall } from './install_packages.mjs';
import { findPackageManager, packagesFor } from './package_managers.mjs';
import { fingerprintOf, identity } from './stamp.mjs';

/** @typedef {import('../mpi_environment.mjs').Flavor} Flavor */
/** @typedef {import('./package_managers.mjs').Need} Need */

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
    if (still.length > 0) {
      throw new ScriptError(advice('Set-up', still, { anyMpi: mpis.length === 0 }));
    }
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
