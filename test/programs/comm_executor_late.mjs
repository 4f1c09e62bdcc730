// Rank 2 enters after the others have printed that they wait for it.
import { CommExecutor } from 'mpi-futures';
import { COMM_WORLD } from 'mpi-futures/mpi';

if (COMM_WORLD.rank === 2) {
  console.log(await COMM_WORLD.recv(0));
  console.log(await COMM_WORLD.recv(1));
} else {
  process.once('warning', ({ code, message }) => void COMM_WORLD.send(`${code}: ${message}`, 2));
}
const sum = await new CommExecutor().run((executor) => executor?.submit((a, b) => a + b, 1, 2));
if (COMM_WORLD.rank === 0) console.log('sum', await sum);
