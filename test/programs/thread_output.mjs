/** Its threads print much, and then the program ends in the way that is asked for. */

import { ThreadPoolExecutor, isMain } from 'mpi-futures';

const [, , ends] = process.argv;

function print(lines) {
  for (let i = 0; i < lines; i++) console.log(`line ${i} ${'x'.repeat(20)}`);
  console.error('printed');
}

if (isMain) {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  if (ends === 'its thread is lost') {
    const dies = (print) => {
      print(20_000);
      process.reallyExit(1);
    };
    const { code } = await pool.submit(dies, print).exception();
    console.log(code);
  } else {
    await pool.submit(print, 20_000);
    console.log('done');
    if (ends === 'shutdown') await pool.shutdown();
  }
}
