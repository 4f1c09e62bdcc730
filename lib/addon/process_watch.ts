/** Callbacks for the end of processes on this host. */

import type { Addon } from './addon.js';
import { perProcess } from './per_process.js';

const watchers = perProcess('watched processes', () => new Map<number, () => void>());

/** Calls `ended` once when process `pid` of this host has ended. False if it cannot be watched (or has ended). */
export function watchProcess(addon: Addon, pid: number, ended: () => void): boolean {
  watchers.set(pid, ended);
  if (addon.watchProcess(pid)) return true;
  watchers.delete(pid);
  return false;
}

/** Ends the watch of a process; one that is not watched is no error. */
export function unwatchProcess(addon: Addon, pid: number): void {
  if (watchers.delete(pid)) addon.unwatchProcess(pid);
}

/** From native code. */
export function processHasEnded(pid: number): void {
  const ended = watchers.get(pid);
  watchers.delete(pid);
  ended?.();
}
