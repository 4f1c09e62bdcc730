/** The text of a program without a file: `node -e` and standard input run it. */

import path, { join } from 'node:path';
import { PoolExecutor } from 'mpi-futures';

const scale = 2;
let offset = 0;
function twice(x) {
  return x * scale;
}
class Box {
  constructor(x) {
    this.x = x;
  }
  open() {
    return twice(this.x) + offset;
  }
}

async function main() {
  const pool = new PoolExecutor({ globals: { ofTheWorker: 9 } });
  const print = async (name, fn, ...args) => {
    const result = await pool.submit(fn, ...args).catch((error) => error.message);
    console.log(`${name}: ${JSON.stringify(result)}`);
  };
  await print('variables', (x) => x * scale + offset, 21);
  offset = 1;
  await print('read anew', (x) => x * scale + offset, 21);
  await print('function', twice, 21);
  await print('other functions', (x) => twice(twice(x)), 2);
  await print('class', () => new Box(3).open());
  await print('instance', (box) => box.open(), new Box(4));
  console.log(`result: ${(await pool.submit(() => new Box(4))) instanceof Box}`);
  await print('recursion', function f(x) { return x < 2 ? 1 : x * f(x - 1); }, 5); // prettier-ignore
  await print('function of a module', () => join('a', 'b'));
  await print('module', () => path.basename('/x/y'));
  await print('global', (x) => Math.max(x, 1), 5);
  await print('global of the worker', () => ofTheWorker); // eslint-disable-line no-undef
  await print('typeof', () => typeof thereIsNoSuchThing);
  await print('import()', async () => (await import('node:path')).sep);
  await pool.shutdown();
}
void main();
