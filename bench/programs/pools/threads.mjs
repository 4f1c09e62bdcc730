/** This project's pool of worker threads, without MPI. */

import { ThreadPoolExecutor } from 'mpi-futures';
import { openWith } from './mpi_futures.mjs';

export const open = (workers) => openWith(ThreadPoolExecutor, workers);
