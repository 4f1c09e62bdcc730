/** The executor that the shared programs are run with: PoolExecutor, unless the layout names another one. */

import * as all from 'mpi-futures';

const { MPI_FUTURES_TEST_EXECUTOR: name = 'PoolExecutor' } = process.env;

export const PoolExecutor = all[name];
export const onThreads = name === 'ThreadPoolExecutor';
