/** Callbacks for the end of processes on this host. */

import type { Addon } from './addon.js';
import { perProcess } from './per_process.js';

const watchers = perProcess('watched processes', () => new Map<number, () => void>());

/**
 * Calls `ended` once when process `pid` of this host has ended. Returns false if the process cannot be watched, or has
 * already ended.
 */
export function watchProcess(addon: Addon, pid: number, ended: () => void): boolean {
  watchers.set(pid, ended);
  if (addon.watchProcess(pid)) return true;
  watchers.delete(pid);
  return false;
}

/** Stops watching a process; does nothing for one that is not watched. */
export function unwatchProcess(addon: Addon, pid: number): void {
  if (watchers.delete(pid)) addon.unwatchProcess(pid);
}

/** Called by native code. */
export function processHasEnded(pid: number): void {
  const ended = watchers.get(pid);
  watchers.delete(pid);
  ended?.();
}
