/** As check.mjs, for programs that all ranks run: a check is made by all of them together, and rank 0 tells what came out. */

import { COMM_WORLD } from 'mpi-futures/mpi';
import { reason } from './check.mjs';

export { unable } from './check.mjs';

export async function check(name, body) {
  let own = null;
  let skipped;
  try {
    skipped = (await body())?.[reason];
  } catch (error) {
    own = `rank ${COMM_WORLD.rank}: ${error?.stack ?? error}`;
  }
  const failures = (await COMM_WORLD.allgather(own)).filter((each) => each !== null);
  if (COMM_WORLD.rank > 0) return;
  const ok = failures.length === 0;
  if (!ok) process.exitCode = 1;
  const failure = ok ? undefined : failures.join('\n');
  console.log(JSON.stringify({ check: name, ok, failure, skipped }));
}
