import { capture, findProgram, runOrThrow } from '../programs.mjs';
import { packagesFor } from './package_managers.mjs';

/** @typedef {import('./package_managers.mjs').Need} Need */
/** @typedef {import('./package_managers.mjs').PackageManager} PackageManager */

/**
 * True where packages may be installed without asking anybody: with apt-get as root or where sudo
 * wants no password, and with Homebrew, which installs for its user.
 * @param {PackageManager} manager
 * @param {readonly Need[]} needs
 */
export function mayInstall(manager, needs) {
  if (needs.some((need) => manager.first?.[need] !== undefined)) return false;
  if (findProgram(manager.program) === undefined) return false;
  if (manager.program === 'brew') return !isRoot();
  return manager.program === 'apt-get' && (isRoot() || capture('sudo', ['-n', 'true']).ok);
}

/**
 * @param {PackageManager} manager
 * @param {readonly Need[]} needs
 */
export function install(manager, needs) {
  const packages = packagesFor(manager, needs);
  if (manager.program === 'brew') {
    runOrThrow('brew', ['install', ...packages]);
  } else {
    aptGet(['update']);
    aptGet(['install', '--yes', '--no-install-recommends', ...packages]);
  }
}

/** @param {string[]} args */
function aptGet(args) {
  // Waits for another apt-get that is running, and answers configuration questions with the defaults.
  const command = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-o',
    'DPkg::Lock::Timeout=300',
  ];
  const [program = '', ...rest] = isRoot() ? command : ['sudo', '-n', ...command];
  runOrThrow(program, [...rest, ...args]);
}

function isRoot() {
  return process.getuid?.() === 0;
}
