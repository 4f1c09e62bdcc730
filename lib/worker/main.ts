/** The program of a spawned worker: it serves the process that spawned it. */

import { startMpi } from '../mpi/mpi_process.js';
import { prepareProcess } from './process.js';
import { serve } from './serve.js';

prepareProcess();
const mpi = await startMpi();
if (mpi.parent === null) {
  process.stderr.write(
    'This program is started by mpi-futures itself. Run your own program instead.\n',
  );
  process.exitCode = 1;
} else {
  serve(mpi, mpi.parent);
}
