import assert from 'node:assert/strict';
import { PoolExecutor, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { assertNoMoreThan, nativeCounts } from './native_counts.mjs';
import { identity, pid } from './tasks.mjs';

if (isMain) {
  const [workers = 2, heartbeat = 15_000] = process.argv.slice(2).map(Number);
  const first = new PoolExecutor({ maxWorkers: 1, heartbeat });
  const second = new PoolExecutor({ maxWorkers: workers });

  await check('a pool goes on while another one starts', async () => {
    await first.submit(pid);
    const started = second.bootup();
    const results = Promise.all(Array.from({ length: 100 }, (_, i) => first.submit(identity, i)));
    assert.equal((await results).at(-1), 99);
    await started;
    assert.equal(await first.submit(identity, 'there'), 'there');
  });

  await check('one of two pools ends, the other goes on', async () => {
    await first.shutdown();
    assert.equal(await second.submit(identity, 'there'), 'there');
    await second.shutdown();
  });

  await check('what was made for a pool is freed with it, in native code too', async () => {
    const before = nativeCounts();
    const pool = new PoolExecutor({ maxWorkers: 1 });
    assert.equal(await pool.submit(identity, 'there'), 'there');
    await pool.shutdown();
    await assertNoMoreThan(before);
  });
}
