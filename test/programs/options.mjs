import assert from 'node:assert/strict';
import { check } from './check.mjs';
import { onThreads, PoolExecutor } from './executor.mjs';
import { identity } from './tasks.mjs';

/** The error of the constructor, which is the same whichever way maxWorkers is given. */
function refused(maxWorkers, expected) {
  assert.throws(() => new PoolExecutor({ maxWorkers }), expected);
  assert.throws(() => new PoolExecutor(maxWorkers), expected);
}

// mpi4py: `max_workers <= 0`: `ValueError`
await check('maxWorkers 0 is a RangeError', async () => {
  refused(0, { name: 'RangeError', message: /maxWorkers must be greater than 0/ });
});

// mpi4py: `max_workers <= 0`: `ValueError`
// test_futures.py: PoolInit max_workers_negative
await check('a negative maxWorkers is a RangeError', async () => {
  refused(-1, { name: 'RangeError', message: /maxWorkers must be greater than 0/ });
});

// mpi4py: `max_workers`: `int()` is applied, so `"3"` is 3 and 2.7 is 2
await check('maxWorkers that is no number is a TypeError', async () => {
  refused('x', { name: 'TypeError', message: /maxWorkers.*'x'/ });
});

// mpi4py: `max_workers`: `int()` is applied, so `"3"` is 3 and 2.7 is 2
await check('maxWorkers that is no whole number is refused', async () => {
  for (const number of [1.5, NaN, Infinity]) {
    refused(number, { name: /^(RangeError|TypeError)$/, message: /maxWorkers/ });
  }
});

// mpi4py: unknown options are accepted
await check('an unknown option is a TypeError that names the closest known one', async () => {
  assert.throws(() => new PoolExecutor({ max_workers: 2 }), {
    name: 'TypeError',
    message: /max_workers.*did you mean maxWorkers\?/is,
  });
});

await check('options that are no object are a TypeError', async () => {
  assert.throws(() => new PoolExecutor('many'), TypeError);
  assert.throws(() => new PoolExecutor(2, 'fast'), TypeError);
  assert.throws(() => new PoolExecutor({}, { maxWorkers: 2 }), TypeError);
  for (const second of [null, 'x', 3])
    assert.throws(() => new PoolExecutor(2, second), { code: 'ERR_INVALID_ARG_TYPE' });
});

await check('an option of the wrong type is a TypeError that names it', async () => {
  assert.throws(() => new PoolExecutor({ env: 1 }), { name: 'TypeError', message: /env/ });
  for (const env of [{ 'A=B': '1' }, { '': '1' }, { A: 'a\0b' }])
    assert.throws(() => new PoolExecutor({ env }), { name: 'TypeError', message: /env/ });
  assert.throws(() => new PoolExecutor({ initializer: 1 }), {
    name: 'TypeError',
    message: /initializer/,
  });
});

// mpi4py: `use_pkl5` is off by default
await check('outOfBand is a boolean', async () => {
  assert.throws(() => new PoolExecutor({ outOfBand: 'no' }), {
    name: 'TypeError',
    message: /outOfBand/,
  });
});

await check('heartbeat is a time above 0', async () => {
  for (const heartbeat of [0, -1, NaN]) {
    assert.throws(() => new PoolExecutor({ heartbeat }), {
      name: onThreads ? 'TypeError' : 'RangeError', // threads accept no value
      message: /heartbeat/,
    });
  }
  assert.throws(() => new PoolExecutor({ heartbeat: '1 s' }), {
    name: 'TypeError',
    message: /heartbeat/,
  });
  if (!onThreads) await new PoolExecutor({ heartbeat: Infinity }).shutdown();
});

await check('a chunkSize below 1 is a RangeError at the call', async () => {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  assert.throws(() => pool.map(identity, [1], { chunkSize: 0 }), RangeError);
  await pool.shutdown();
});

await check('maxWorkers stands alone, before options, or among them', async () => {
  const pools = [
    new PoolExecutor(),
    new PoolExecutor(1),
    new PoolExecutor(1, { env: { A: '1' } }),
    new PoolExecutor({ maxWorkers: 1, env: { A: '1' } }),
    new PoolExecutor({ maxWorkers: undefined }),
  ];
  for (const pool of pools) {
    assert.equal(pool.numWorkers, 0);
    await pool.shutdown();
  }
});

await check('MPI_FUTURES_BOOT_TIMEOUT is checked as the option is', async () => {
  try {
    for (const word of ['-1', 'late']) {
      process.env.MPI_FUTURES_BOOT_TIMEOUT = word;
      assert.throws(() => new PoolExecutor(), { name: /^(RangeError|TypeError)$/, message: /BOOT_TIMEOUT/ }); // prettier-ignore
    }
    process.env.MPI_FUTURES_BOOT_TIMEOUT = '1e5';
    await new PoolExecutor().shutdown();
  } finally {
    delete process.env.MPI_FUTURES_BOOT_TIMEOUT;
  }
});

// mpi4py: `backoff`, 1 ms: how long a sleeping thread sleeps
await check('MPI_FUTURES_BACKOFF is checked as the option is', async () => {
  const refusal = { name: /^(RangeError|TypeError)$/, message: /backoff/i };
  try {
    for (const word of ['-1', 'fast']) {
      process.env.MPI_FUTURES_BACKOFF = word;
      assert.throws(() => new PoolExecutor(), refusal);
    }
    process.env.MPI_FUTURES_BACKOFF = '0.5';
    await new PoolExecutor().shutdown();
  } finally {
    delete process.env.MPI_FUTURES_BACKOFF;
  }
  assert.throws(() => new PoolExecutor({ backoff: -1 }), refusal);
});
