// The names of the packages on each system, and the commands that install them.

import { findProgram } from '../programs.mjs';

/** @typedef {'compiler' | 'make' | 'cmake' | 'browser' | import('../mpi_environment.mjs').Implementation} Need */

/**
 * @typedef {object} PackageManager
 * @property {string} program
 * @property {string} install the command, without the packages
 * @property {Record<Need, string[]>} packages
 * @property {Partial<Record<Need, string>>} [first] a command to give before
 * @property {Partial<Record<Need, string>>} [then] a command to give afterwards
 */

/** @type {PackageManager} */
const apt = {
  program: 'apt-get',
  install: 'apt-get install',
  packages: {
    compiler: ['g++'],
    make: ['make'],
    cmake: ['cmake'],
    openmpi: ['openmpi-bin', 'libopenmpi-dev'],
    mpich: ['mpich', 'libmpich-dev'],
    browser: ['chromium-headless-shell', 'fonts-dejavu-core'],
  },
};

/** @type {PackageManager} */
const dnf = {
  program: 'dnf',
  install: 'dnf install',
  packages: {
    compiler: ['gcc-c++'],
    make: ['make'],
    cmake: ['cmake'],
    openmpi: ['openmpi-devel', 'environment-modules'],
    mpich: ['mpich-devel', 'environment-modules'],
    browser: ['chromium-headless'],
  },
  // Installed outside PATH. A new shell is needed if environment-modules was installed just now.
  then: {
    openmpi: 'module load mpi/openmpi-$(uname -m)',
    mpich: 'module load mpi/mpich-$(uname -m)',
  },
};

/** @type {PackageManager} */
const zypper = {
  program: 'zypper',
  install: 'zypper install',
  packages: {
    compiler: ['gcc-c++'],
    make: ['make'],
    cmake: ['cmake'],
    openmpi: ['openmpi4-devel'],
    mpich: ['mpich-devel'],
    browser: ['chromium'],
  },
  // Installed outside PATH; takes effect in a new shell.
  then: {
    openmpi: 'mpi-selector --user --set openmpi4',
    mpich: 'mpi-selector --user --set mpich',
  },
};

/** @type {PackageManager} */
const pacman = {
  program: 'pacman',
  install: 'pacman -S --needed',
  packages: {
    compiler: ['gcc'],
    make: ['make'],
    cmake: ['cmake'],
    openmpi: ['openmpi'],
    mpich: ['mpich'],
    browser: ['chromium'],
  },
};

/** @type {PackageManager} */
const apk = {
  program: 'apk',
  install: 'apk add',
  packages: {
    compiler: ['g++'],
    make: ['make'],
    cmake: ['cmake'],
    openmpi: ['openmpi', 'openmpi-dev'],
    mpich: ['mpich', 'mpich-dev'],
    browser: ['chromium', 'font-dejavu'],
  },
};

/** @type {PackageManager} */
const brew = {
  program: 'brew',
  install: 'brew install',
  packages: {
    compiler: [],
    make: [],
    cmake: ['cmake'],
    openmpi: ['open-mpi'],
    mpich: ['mpich'],
    browser: ['google-chrome'],
  },
  first: { compiler: 'xcode-select --install', make: 'xcode-select --install' },
};

const MANAGERS = [
  apt,
  dnf,
  { ...dnf, program: 'yum', install: 'yum install' },
  zypper,
  pacman,
  apk,
];

/**
 * This system's own one; on macOS Homebrew, installed or not.
 * @returns {PackageManager | undefined}
 */
export function findPackageManager() {
  if (process.platform === 'darwin') return brew;
  return MANAGERS.find(({ program }) => findProgram(program) !== undefined);
}

/**
 * @param {PackageManager} manager
 * @param {readonly Need[]} needs
 */
export function packagesFor(manager, needs) {
  return needs.flatMap((need) => manager.packages[need]);
}

/**
 * The commands that install what is needed, line by line.
 * @param {PackageManager} manager
 * @param {readonly Need[]} needs
 */
export function commandsFor(manager, needs) {
  const asRoot = manager !== brew && process.getuid?.() !== 0 ? 'sudo ' : '';
  const packages = packagesFor(manager, needs);
  const commands = [
    // Homebrew is the only one that is suggested if it is not installed.
    findProgram(manager.program) ? undefined : '# Homebrew itself is at https://brew.sh',
    ...needs.map((need) => manager.first?.[need]),
    packages.length > 0 ? `${asRoot}${manager.install} ${packages.join(' ')}` : undefined,
    ...needs.map((need) => manager.then?.[need]),
  ];
  return [...new Set(commands.filter((command) => command !== undefined))];
}
