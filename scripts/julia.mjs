// `npm run julia`: sets up a fresh clone and computes the picture, with one worker per core.
//
//   npm run julia [-- output.pgm]

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { runInForeground } from './foreground.mjs';
import { runAsProgram, ScriptError } from './main.mjs';
import { findMpiexec, launchEnvironment, runnableImplementations } from './mpi_environment.mjs';
import { root } from './paths.mjs';
import { setUp } from './setup.mjs';

const cores = availableParallelism();
const example = [path.join(root, 'examples', 'julia.mjs'), ...process.argv.slice(2)];
const launcher = path.join(root, 'dist', 'cli', 'main.js');

// The arguments of mpiexec. Open MPI spawns the workers. Debian's MPICH cannot spawn, so with MPICH
// mpiexec starts them.
const commands = {
  openmpi: ['-n', '1', process.execPath, ...example],
  mpich: ['-n', String(cores + 1), process.execPath, launcher, ...example],
};

void runAsProgram(import.meta.url, async () => {
  await setUp();
  const [implementation] = runnableImplementations();
  const mpiexec = implementation && findMpiexec(implementation);
  if (!mpiexec) throw new ScriptError('No mpiexec was found for the addons that were built.');
  return runInForeground(mpiexec, commands[implementation], {
    ...launchEnvironment(implementation),
    MPI_FUTURES_MAX_WORKERS: String(cores),
  });
});
