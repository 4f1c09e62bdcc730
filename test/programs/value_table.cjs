/** The table of values, from a CommonJS module. */

async function main() {
  // Node.js 20 has no require() of ES modules by default.
  const { PoolExecutor } = await import('./executor.mjs');
  const { checkTable } = require('./values/check_table.cjs');
  const pool = new PoolExecutor();
  await checkTable(pool);
  await pool.shutdown();
}

if (require.main === module) void main();
