import fs from 'node:fs';
import { buildAddon } from '../build.mjs';
import { cmakeJs } from '../cmake_js.mjs';
import { ABI_NAMES } from '../mpi_compiler.mjs';
import { IMPLEMENTATIONS } from '../mpi_environment.mjs';
import { addonFile } from '../paths.mjs';
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
  'package-lock.json',
];

/** @type {import('../setup.mjs').Step} */
export const addon = {
  name: 'addon',

  fingerprint: () =>
    fingerprintOf([
      ...contents(SOURCES),
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

/** @param {import('../mpi_environment.mjs').Implementation} implementation */
function isBuilt(implementation) {
  return fs.existsSync(addonFile(implementation));
}
