import fs from 'node:fs';
import { buildAddon } from '../build.mjs';
import { FLAVORS, MPI_NAMES } from '../mpi_environment.mjs';
import { addonFile } from '../paths.mjs';
import { findProgram } from '../programs.mjs';
import { isSpawningMpichThere, spawningMpich } from '../spawning_mpich.mjs';
import { contents, fingerprintOf, identity } from './stamp.mjs';

const SOURCES = [
  'native',
  'CMakeLists.txt',
  'scripts/cmake',
  'scripts/build.mjs',
  'package-lock.json',
];

/** @type {import('../setup.mjs').Step} */
export const addon = {
  name: 'addon',

  fingerprint: () =>
    fingerprintOf([
      ...contents(SOURCES),
      ...FLAVORS.filter(isBuilt),
      ...['mpicc.openmpi', 'mpicc.mpich', 'mpicc'].map((name) => identity(findProgram(name))),
      ...(isSpawningMpichThere() ? [identity(spawningMpich.mpicc)] : []),
    ]),

  isThere: () =>
    FLAVORS.some(isBuilt) && (!isSpawningMpichThere() || fs.existsSync(spawningMpich.addon)),

  async run(announce) {
    announce('addon');
    const flavors = await buildAddon({ quiet: true });
    process.stderr.write(` for ${flavors.map((flavor) => MPI_NAMES[flavor]).join(' and ')},`);
    if (!isSpawningMpichThere()) return;
    const { mpicc, addonDirectory: out } = spawningMpich;
    await buildAddon({ mpicc, out, quiet: true });
    process.stderr.write(' and for the MPICH that can spawn,');
  },
};

/** @param {import('../mpi_environment.mjs').Flavor} flavor */
function isBuilt(flavor) {
  return fs.existsSync(addonFile(flavor));
}
