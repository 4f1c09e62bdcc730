// Ends while tasks run: `comm_executor_ends.mjs HOW`, with two workers.
import { setTimeout as sleep } from 'node:timers/promises';
import { CommExecutor, reportProgress } from 'mpi-futures';
import { COMM_WORLD } from 'mpi-futures/mpi';

const [how] = process.argv.slice(2);
const work = () => sleep(60_000);
const pid = () => process.pid;
const forEver = () => {
  reportProgress('busy');
  for (;;);
};

await new CommExecutor().run(async (executor) => {
  if (executor === null || how === 'afterwards') return;
  if (how === 'stuck') {
    const stuck = executor.submit(forEver);
    await new Promise((resolve) => stuck.addProgressCallback(resolve));
    await executor.killWorkers();
    process.exit(3);
  }
  const victim = how === 'worker' ? await executor.submit(pid) : process.pid;
  const running = [executor.submit(work), executor.submit(work)];
  if (how === 'exit') process.exit(3);
  if (how === 'throw') throwLater();
  else console.log(`kill ${victim}`);
  await Promise.all(running);
});
// Rank 1 no longer serves, and ends while the others wait for it.
if (COMM_WORLD.rank === 1) process.exit(3);
await COMM_WORLD.barrier();

function throwLater() {
  setTimeout(() => {
    throw new Error('uncaught');
  });
}
