/** Tasks print; argv[2] says what. The master prints nothing meanwhile: mpiexec may put that into the middle of a line. */

import { isMain } from 'mpi-futures';
import { PoolExecutor } from './executor.mjs';

const LINES = 20_000;

function printLines(how) {
  const print = how === 'stderr' ? console.error : console.log;
  for (let i = 0; i < LINES; i++) print(`line ${i} of many, so that no pipe holds all of them`);
  if (how === 'exits') process.exit(0);
}

async function printSlowly() {
  for (let i = 0; i < 200; i++) {
    console.log(`line ${i} of many`);
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function printBytes() {
  const { stdout } = process;
  const written = (...args) => new Promise((resolve) => stdout.write(...args, resolve));
  stdout.write(Buffer.from([0xc3]));
  stdout.write(Buffer.from([0xa9]));
  stdout.write('c3a9', 'hex');
  await written('4pyT', 'base64');
  await written(new Uint8Array([0x0a]));
  const bytes = Buffer.from('not changed\n');
  stdout.write(bytes);
  bytes.fill('x');
  stdout.cork();
  stdout.write('corked ');
  stdout.write('together\n');
  stdout.uncork();
  await written('x'.repeat(300_000) + '\n');
  return stdout.writable;
}

if (isMain) {
  const [, , way] = process.argv;
  const pool = new PoolExecutor();
  if (way === 'bytes') console.log(`writable: ${await pool.submit(printBytes)}`);
  else if (way === 'slowly') {
    await pool.submit(printSlowly);
    console.log('the result is here');
  } else await pool.submit(printLines, way).catch(() => undefined);
  if (way !== 'forgets shutdown') await pool.shutdown();
}
