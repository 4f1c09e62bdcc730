import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { PoolExecutor, isMain } from 'mpi-futures';

// From here on modules are loaded through hooks, also on workers.
register(
  `data:text/javascript,${encodeURIComponent('export const load = (url, context, next) => next(url, context);')}`,
);
const { reveal } = await import('./functions/not_exported.mjs');

const own = new URL('functions/not_exported.mjs', import.meta.url);
const times = reveal();
const both = async (x) => [times(x), (await readFile(own)).equals(await readFile(own.pathname))];

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(reveal(), 7), JSON.stringify(await pool.submit(both, 8)));
  await pool.shutdown();
}
