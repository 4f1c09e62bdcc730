/** Gates for tasks: what waits behind one ends when the program says so, however slow the machine is. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Calls `body` with a file that is not there, for `passed` and `held` of tasks.mjs, and with a function that makes it. It is made
 * after `body` at the latest.
 */
export async function withGate(body) {
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  // Not before: tasks that nobody waits for may look for it until the pool has ended.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const gate = join(folder, 'open');
  const open = () => writeFileSync(gate, '');
  try {
    await body(gate, open);
  } finally {
    open();
  }
}
