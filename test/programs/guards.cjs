const { PoolExecutor } = require('./executor.mjs');

const scale = 2;

if (require.main === module) {
  new PoolExecutor().submit((x) => [x * scale, require.main !== module], 21).then(console.log);
}
