/** The processes of this host, where there is /proc. */

import { readdirSync, readFileSync } from 'node:fs';

/**
 * The number of processes whose command line contains a word. A process and the parent that has passed the word on to
 * it, such as a shell script, are one. 0 where that cannot be seen.
 */
export function countProcessesHere(word: string): number {
  const parents = new Map<number, number>();
  for (const pid of processIds()) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)) continue;
    } catch {
      continue; // it has just ended, or is of another user
    }
    const stat = statOf(pid);
    if (stat !== undefined) parents.set(pid, stat.parent);
  }
  return [...parents.values()].filter((parent) => !parents.has(parent)).length;
}

/** True if this process can see the one that has started it, and so its siblings. In a container of its own it cannot. */
export function seesOthers(): boolean {
  return processIds().includes(process.ppid);
}

/** The ids of all processes that this one can see; none where there is no /proc. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

/** The state of a process, as a letter of proc(5), and the id of its parent; undefined where it cannot be seen, or has ended. */
export function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' '); // a name may contain anything
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
