/** MPI was initialised by other code of this process: the addon that is the argument (test/native/other_library.c). */
import { PoolExecutor } from 'mpi-futures';
import * as mpi from 'mpi-futures/mpi';

mpi.libraryVersion(); // The addon is loaded, and MPI not started.
process.dlopen({ exports: {} }, process.argv[2]);
try {
  console.log('level', await mpi.initialize());
  console.log('sum', await mpi.COMM_WORLD.allreduce(1));
} catch ({ name, code, message }) {
  console.log(name, code, message);
  const again = await new PoolExecutor({ maxWorkers: 1 }).submit(() => 1).catch((error) => error);
  console.log('a pool says', again.code ?? again, again.cause?.code ?? '');
}
