/** The program of a spawned worker, which serves the process that spawned it. */

import { serveOtherCopies } from '../copies.js';
import { startMpi } from '../addon/mpi_process.js';
import { limitStart } from '../addon/recovery.js';
import { StartReporter } from './start_reporter.js';
import { closeInput } from './close_input.js';
import { prepareProcess } from './prepare_process.js';

serveOtherCopies();
closeInput();
const reporter = new StartReporter(process.argv.splice(2, 1)[0]);
// MPI takes longer to start than everything that is done meanwhile: preparing for the program's modules, loading the
// code that serves, and the modules that the program will import when a worker looks for its functions.
const mpiHasStarted = limitStart();
const starting = startMpi(undefined, (addon) => {
  addon.dieWithParent();
  reporter.watchMaster(addon);
});
starting.catch(() => undefined); // reported below
const [{ serve }] = await Promise.all([
  import('./serve.js'),
  import('../executors/pool_executor.js'),
  prepareProcess(),
]);
const mpi = await starting.catch(async (error: unknown) => {
  await reporter.failed(error);
  throw error;
});
mpiHasStarted();
reporter.mpiHasStarted();
if (mpi.parent === null) {
  process.stderr.write(
    'This program is started by mpi-futures itself. Run your own program instead.\n',
  );
  process.exitCode = 1;
} else {
  serve(mpi, { communicator: mpi.parent, workers: 'world' });
}
