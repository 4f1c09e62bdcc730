// The packages that come from the system, not from npm: a C++ compiler, make, CMake and an MPI; a browser where it is asked for.

import { findBrowser } from '../browser.mjs';
import { ScriptError } from '../main.mjs';
import { advice, COMPILERS, MAKES, missingTools } from '../missing_packages.mjs';
import { findMpicc } from '../mpi_compiler.mjs';
import { findMpiexec, IMPLEMENTATIONS } from '../mpi_environment.mjs';
import { findProgram } from '../programs.mjs';
import { install, mayInstall } from './install_packages.mjs';
import { findPackageManager, packagesFor } from './package_managers.mjs';
import { fingerprintOf, identity } from './stamp.mjs';

/** @typedef {import('../mpi_environment.mjs').Implementation} Implementation */
/** @typedef {import('./package_managers.mjs').Need} Need */

/** @type {import('../setup.mjs').Step} */
export const systemPackages = {
  name: 'system-packages',

  fingerprint: ({ mpis, browser = false }) =>
    fingerprintOf([
      ...mpis,
      String(browser),
      identity(findBrowser()),
      ...[...COMPILERS, ...MAKES, 'cmake', 'mpicc', 'mpiexec']
        .concat(
          IMPLEMENTATIONS.flatMap((implementation) => [
            `mpicc.${implementation}`,
            `mpiexec.${implementation}`,
          ]),
        )
        .map((name) => identity(findProgram(name))),
    ]),

  isThere: () => true,

  run(announce, { mpis, browser = false }) {
    const manager = findPackageManager();
    const needs = [...missing(mpis, browser), ...unfinished(mpis)];
    if (needs.length > 0 && manager && mayInstall(manager, needs)) {
      announce(`${packagesFor(manager, needs).join(' ')}, with ${manager.program}`);
      install(manager, needs);
    }
    const still = missing(mpis, browser);
    if (still.length > 0) {
      throw new ScriptError(advice('Set-up', still, { anyMpi: mpis.length === 0 }));
    }
  },
};

/**
 * The packages that set-up needs and that are missing.
 * @param {readonly Implementation[]} mpis to insist on
 * @param {boolean} browser whether to insist on one
 * @returns {Need[]}
 */
function missing(mpis, browser) {
  /** @type {Need[]} */
  const browsers = browser && findBrowser() === undefined ? ['browser'] : [];
  return [...missingTools(), ...missingMpis(mpis), ...browsers];
}

/**
 * @param {readonly Implementation[]} mpis
 * @returns {readonly Implementation[]}
 */
function missingMpis(mpis) {
  if (mpis.length > 0) return mpis.filter((implementation) => !isComplete(implementation));
  return IMPLEMENTATIONS.some(isComplete) ? [] : IMPLEMENTATIONS.slice(0, 1);
}

/**
 * MPIs installed in part, as a launcher without headers: of use only when completed.
 * @param {readonly Implementation[]} mpis
 */
function unfinished(mpis) {
  const needed = missingMpis(mpis);
  return IMPLEMENTATIONS.filter(
    (implementation) =>
      findMpiexec(implementation) &&
      !isComplete(implementation) &&
      !needed.includes(implementation),
  );
}

/** @param {Implementation} implementation */
function isComplete(implementation) {
  return findMpicc(implementation) !== undefined && findMpiexec(implementation) !== undefined;
}
