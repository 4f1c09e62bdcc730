/** Has no guard; its function needs the program, or not. */

import { PoolExecutor } from './executor.mjs';

const scale = 2;
const [, , uses, ends] = process.argv;
const pool = new PoolExecutor();
console.log(await pool.submit(uses === 'nothing' ? (x) => x * 2 : (x) => x * scale, 21));
if (ends === 'shutdown') await pool.shutdown();
