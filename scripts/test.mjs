// `npm test [-- jest's arguments]`: every test, on every MPI that is installed.

import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { runInForeground } from './foreground.mjs';
import { runAsProgram } from './main.mjs';
import {
  canMpichSpawn,
  cleanEnvironment,
  findMpiexec,
  IMPLEMENTATIONS,
  MPI_NAMES,
  runnableImplementations,
} from './mpi_environment.mjs';
import { root } from './paths.mjs';
import { setUp } from './setup.mjs';
import { isSpawningMpichRunnable, spawningMpich } from './spawning_mpich.mjs';

const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');

void runAsProgram(import.meta.url, async () => {
  await setUp();
  sayWhatIsTested();
  const args = [jest, '--rootDir', root, ...process.argv.slice(2)];
  return runInForeground(process.execPath, args, cleanEnvironment());
});

function sayWhatIsTested() {
  const tested = runnableImplementations();
  for (const implementation of IMPLEMENTATIONS) {
    const name = MPI_NAMES[implementation];
    if (tested.includes(implementation)) {
      console.log(`Testing on ${name}: ${findMpiexec(implementation)}`);
    } else {
      console.log(`NOT TESTED on ${name}: it is not installed, or only in part.`);
      console.log(`  To test on it too: node scripts/setup.mjs --mpi ${implementation}`);
    }
  }
  if (isSpawningMpichRunnable()) {
    console.log(`Testing on an MPICH that can spawn: ${spawningMpich.mpiexec}`);
  } else if (canMpichSpawn()) {
    console.log('Testing on an MPICH that can spawn: that of the system');
  } else {
    console.log('NOT TESTED on an MPICH that can spawn: that of this system cannot.');
    console.log('  To test on it too: node scripts/build_spawning_mpich.mjs');
  }
  if (findBrowser() === undefined) {
    console.log('NOT TESTED in a browser: there is no Chromium.');
    console.log('  To test in it too: node scripts/setup.mjs --browser');
  }
}
