/** Tasks that have begun say so by a file: a program acts while they run, however slow the machine is. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

let folder;
let files = 0;

/** Calls `submit` with a file that is not there, for `tellBegun`, and resolves to what it returns, in a list, when that is there. */
export async function whenBegun(submit) {
  const file = newFile();
  const result = submit(file);
  while (!existsSync(file)) await pause(1);
  return [result];
}

/** Another file that is not there; all are removed when the program ends. */
export function newFile() {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
  return join(folder, String(files++));
}

/** A task has begun. Without a file nobody waits for that. */
export function tellBegun(file) {
  if (file !== undefined) writeFileSync(file, '');
}
