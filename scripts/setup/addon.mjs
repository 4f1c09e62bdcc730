import fs from 'node:fs';
import path from 'node:path';
import { buildAddon } from '../build.mjs';
import { cmakeJs } from '../cmake_js.mjs';
import { ABI_NAMES } from '../mpi_compiler.mjs';
import { IMPLEMENTATIONS } from '../mpi_environment.mjs';
import { addonFile, root } from '../paths.mjs';
import { findProgram } from '../programs.mjs';
import { isSpawningMpichThere, spawningMpich } from '../spawning_mpich.mjs';
import { contents, fingerprintOf, identity } from './stamp.mjs';

const SOURCES = [
  'native',
  'CMakeLists.txt',
  'scripts/cmake',
  'scripts/build.mjs',
  'scripts/cmake.mjs',
  'scripts/cmake_js.mjs',
];

/** The npm packages that it is compiled with. */
const PACKAGES = ['node-addon-api', 'node-api-headers', 'cmake-js'];

/** @type {import('../setup.mjs').Step} */
export const addon = {
  name: 'addon',

  fingerprint: () =>
    fingerprintOf([
      ...contents(SOURCES),
      ...versions(),
      ...IMPLEMENTATIONS.filter(isBuilt),
      ...['mpicc.openmpi', 'mpicc.mpich', 'mpicc'].map((name) => identity(findProgram(name))),
      ...(isSpawningMpichThere() ? [identity(spawningMpich.mpicc)] : []),
    ]),

  isThere: () =>
    IMPLEMENTATIONS.some(isBuilt) &&
    (!isSpawningMpichThere() || fs.existsSync(spawningMpich.addon)),

  async run(announce) {
    announce('addon');
    const abis = await buildAddon({ quiet: true, driver: cmakeJs });
    process.stderr.write(` for ${abis.map((abi) => ABI_NAMES[abi]).join(' and ')},`);
    if (!isSpawningMpichThere()) return;
    const { mpicc, addonDirectory: out } = spawningMpich;
    await buildAddon({ mpicc, out, quiet: true, driver: cmakeJs });
    process.stderr.write(' and for the MPICH that can spawn,');
  },
};

/** @returns {string[]} */
function versions() {
  const file = path.join(root, 'package-lock.json');
  const lock = /** @type {{ packages: Record<string, { version: string } | undefined> }} */ (
    JSON.parse(fs.readFileSync(file, 'utf8'))
  );
  return PACKAGES.map((name) => `${name} ${lock.packages[`node_modules/${name}`]?.version}`);
}

/** @param {import('../mpi_environment.mjs').Implementation} implementation */
function isBuilt(implementation) {
  return fs.existsSync(addonFile(implementation));
}
