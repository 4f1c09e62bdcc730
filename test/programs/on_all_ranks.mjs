/**
 * As check.mjs, for programs that all ranks run: a check is made on all of them, and rank 0 prints what came of it and
 * sets its status.
 */
import { COMM_WORLD } from 'mpi-futures/mpi';
import { reason } from './check.mjs';

export { unable } from './check.mjs';

// A duplicate, because the checks may leave COMM_WORLD in any state.
const reports = await COMM_WORLD.dup();

export async function check(name, body) {
  let failure = '';
  let skipped;
  try {
    skipped = (await body())?.[reason];
  } catch (error) {
    failure = `on rank ${reports.rank}: ${error?.stack ?? error}`;
  }
  const failures = (await reports.allgather(failure)).filter(Boolean);
  if (reports.rank > 0) return;
  if (failures.length > 0) process.exitCode = 1;
  const outcome =
    failures.length === 0 ? { ok: true } : { ok: false, failure: failures.join('\n') };
  console.log(JSON.stringify({ check: name, ...outcome, skipped }));
}
