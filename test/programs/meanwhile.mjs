/** Shows that a worker computes while the program does. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Submits a task that makes a file, and computes until the file is there: the event loop has no turn meanwhile. */
export async function computesMeanwhile(pool) {
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
  const file = join(folder, 'computed');
  const done = pool.submit(writeFileSync, file, 'there');
  await undefined; // the message leaves
  const end = performance.now() + 20_000;
  while (!existsSync(file) && performance.now() < end);
  assert.ok(existsSync(file));
  await done;
  rmSync(folder, { recursive: true });
}
