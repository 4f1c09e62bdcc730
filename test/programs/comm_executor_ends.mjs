// Ends in the middle: `comm_executor_ends.mjs HOW`, with two workers.
import { setTimeout as sleep } from 'node:timers/promises';
import { CommExecutor } from 'mpi-futures';
import { COMM_WORLD } from 'mpi-futures/mpi';

const [how] = process.argv.slice(2);
const work = () => sleep(60_000);
const die = () => process.kill(process.pid, 'SIGKILL');

await new CommExecutor().run(async (executor) => {
  if (executor === null || how === 'afterwards') return;
  const running = executor.submit(work);
  if (how === 'exit') process.exit(3);
  if (how === 'master') die();
  if (how === 'worker') void executor.submit(die);
  if (how === 'throw') throwLater();
  await running;
});
// Rank 1 was a worker, and is a process of the program again; the others wait for it.
if (COMM_WORLD.rank === 1) process.exit(3);
await COMM_WORLD.barrier();

function throwLater() {
  setTimeout(() => {
    throw new Error('uncaught');
  });
}
