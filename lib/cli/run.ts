/**
 * `node --import mpi-futures/run app.js`, under mpiexec: rank 0 goes on to run app.js, all other ranks stay here and
 * serve it. With one rank there is nobody to serve it, and executors run in a thread.
 */

import { isMainThread } from 'node:worker_threads';

import { startRanks } from './ranks.js';

// Threads of the program inherit the flag.
if (isMainThread) await startRanks();
