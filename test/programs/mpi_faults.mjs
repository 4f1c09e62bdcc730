/** Tasks, small and large, while a call of MPI fails (test/native/guard.c). Prints what becomes of them. */

import { PoolExecutor, isMain } from 'mpi-futures';
import { identity } from './tasks.mjs';

if (isMain) {
  const pool = new PoolExecutor();
  const outcomes = {};
  const note = (what) => (outcomes[what] = (outcomes[what] ?? 0) + 1);
  const describe = ({ name, code, reason, cause }) =>
    `${name} ${code}: ${cause?.code} ${cause?.errorClass} ${reason}`;
  for (let round = 0; round < 4; round++) {
    const values = [...Array(20).fill(1), new Uint8Array(2 ** 21 + 1), 'x'.repeat(3e5)];
    const futures = values.map(async (value) => pool.submit(identity, value));
    for (const { status, reason } of await Promise.allSettled(futures))
      note(status === 'fulfilled' ? 'done' : describe(reason));
  }
  console.log(JSON.stringify(outcomes));
}
