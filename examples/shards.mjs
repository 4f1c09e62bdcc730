// Aggregates over SQLite files: each task opens one shard and returns the sums of its groups, which are small; the program adds
// them. The shards are made first, by tasks, too.
//
//   npm install sql.js
//   MPI_FUTURES_MAX_WORKERS=4 node examples/shards.mjs [folder] [shards] [rows in each]
//   npx mpi-futures -n 5 examples/shards.mjs [folder] [shards] [rows in each]
//
// sql.js is SQLite in WebAssembly, and reads a file as a whole. From Node.js 22.13 on, node:sqlite needs no package and does not.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PoolExecutor, isMain } from 'mpi-futures';
import { countAt } from './arguments.mjs';

const cities = ['Athens', 'Berlin', 'Cairo', 'Delhi'];

/** Each worker loads it once: a module keeps its variables from task to task. */
let library;
async function sqlite() {
  library ??= import('sql.js').then(({ default: initialize }) => initialize());
  return library;
}

async function makeShard(file, shard, rows) {
  const { Database } = await sqlite();
  const database = new Database();
  database.run('CREATE TABLE sales (city TEXT, amount INTEGER); BEGIN');
  const statement = database.prepare('INSERT INTO sales VALUES (?, ?)');
  for (let row = 0; row < rows; row++)
    statement.run([cities[(row + shard) % cities.length], (row * 7 + shard) % 100]);
  statement.free();
  database.run('COMMIT');
  await writeFile(file, database.export());
  database.close();
}

async function sumShard(file) {
  const { Database } = await sqlite();
  const database = new Database(await readFile(file));
  const [{ values }] = database.exec('SELECT city, COUNT(*), SUM(amount) FROM sales GROUP BY city');
  database.close();
  return values.map(([city, count, sum]) => ({ city, count, sum }));
}

if (isMain) {
  const folder = process.argv[2] ?? path.join(tmpdir(), 'mpi-futures-shards');
  const shards = countAt(3, 'shards', 32);
  const rows = countAt(4, 'rows', 50_000);
  await mkdir(folder, { recursive: true });
  const files = Array.from({ length: shards }, (_, shard) => path.join(folder, `${shard}.sqlite`));

  const pool = new PoolExecutor();
  await pool.map((file, shard) => makeShard(file, shard, rows), files, files.keys()).toArray();

  const totals = new Map(cities.map((city) => [city, { count: 0, sum: 0 }]));
  const start = performance.now();
  for await (const groups of pool.map(sumShard, files, { unordered: true })) {
    for (const { city, count, sum } of groups) {
      const total = totals.get(city);
      total.count += count;
      total.sum += sum;
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  await pool.shutdown();

  for (const [city, { count, sum }] of totals)
    console.log(`${city}: ${count} sales, ${sum} in all`);
  console.log(`${shards} shards in ${seconds} s: ${folder}`);
}
