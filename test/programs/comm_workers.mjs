// Tasks that communicate with each other, on every layout of the pool.
import assert from 'node:assert/strict';
import { getCommWorkers, isMain, PoolExecutor } from 'mpi-futures';
import { check } from './check.mjs';

const notAccessible = { name: 'InvalidStateError', message: /communicator is not accessible/ };

function place() {
  const { rank, size } = getCommWorkers();
  return [rank, size];
}

/** All are there at once, or this waits for ever. */
async function total(value) {
  const values = await getCommWorkers().allgather(value);
  return values.reduce((sum, each) => sum + each, 0);
}

/** The root goes on before the others have come. */
async function fromFirst(value) {
  return getCommWorkers().bcast(value);
}

function freed() {
  return getCommWorkers()
    .free()
    .catch(({ code }) => code);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const { numWorkers } = pool;
  const each = Array.from({ length: numWorkers }, (_, index) => index);
  const sum = (numWorkers * (numWorkers - 1)) / 2;

  // mpi4py: `get_comm_workers()`
  // test_futures.py: PoolInit get_comm_workers
  await check('the communicator of the workers has all of them', async () => {
    const places = await pool.map(place, each).toArray();
    assert.deepEqual(
      places.sort(([a], [b]) => a - b),
      each.map((rank) => [rank, numWorkers]),
    );
  });

  await check('tasks that work together go one to each worker, round after round', async () => {
    for (let round = 0; round < 50; round++)
      assert.deepEqual(await pool.map(total, each).toArray(), Array(numWorkers).fill(sum));
  });

  // mpi4py: `get_comm_workers()`
  await check('so they do when all rounds are submitted at once', async () => {
    const rounds = 40;
    const values = Array.from({ length: rounds * numWorkers }, () => 1);
    const totals = await pool.map(total, values).toArray();
    assert.deepEqual(new Set(totals), new Set([numWorkers]));
    const words = await pool.map(fromFirst, Array(rounds * numWorkers).fill('word')).toArray();
    assert.deepEqual(new Set(words), new Set(['word']));
  });

  await check('other tasks in between do no harm', async () => {
    const short = pool.map((x) => x + 1, Array(500).fill(1)).toArray();
    const together = pool.map(total, each).toArray();
    const more = pool.map((x) => x + 1, Array(500).fill(1)).toArray();
    assert.deepEqual(await together, Array(numWorkers).fill(sum));
    assert.deepEqual(new Set([...(await short), ...(await more)]), new Set([2]));
  });

  await check('an initializer can use the communicator too', async () => {
    const ranks = [];
    const other = new PoolExecutor({
      initializer: async () => {
        globalThis.rankOfWorker = (await getCommWorkers().allgather(1)).length;
      },
    });
    ranks.push(await other.submit(() => globalThis.rankOfWorker));
    assert.deepEqual(ranks, [numWorkers]);
    await other.shutdown();
  });

  await check('no task can take the communicator from the others', async () => {
    const outcomes = await pool.map(freed, each).toArray();
    assert.deepEqual(new Set(outcomes), new Set(['ERR_INVALID_STATE']));
    assert.deepEqual(await pool.map(total, each).toArray(), Array(numWorkers).fill(sum));
  });

  // mpi4py: `get_comm_workers()`
  await check('elsewhere the communicator is not accessible', () => {
    assert.throws(() => getCommWorkers(), notAccessible);
  });

  await pool.shutdown();
}
