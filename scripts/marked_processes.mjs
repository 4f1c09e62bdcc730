// Finds the processes of one run of a program: those whose environment contains its marker. MPI starts processes by daemons and in
// sessions of their own, so they cannot be found by parents or process groups. But all of them inherit the environment.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * @typedef {object} ProcessInfo
 * @property {number} pid
 * @property {number} parent
 * @property {string} state - as in ps: R running, S sleeping, D waiting for a disk, T stopped …
 * @property {string} command
 * @property {Readonly<Record<string, string>>} environment
 * @property {number} [cpuTime] - seconds of a core that it has used; where there is no /proc, undefined
 */

/** @typedef {string} Marker - `NAME=value`, different for every run */

/**
 * The processes of a run that live now. A zombie has no environment any more and is not among them.
 * @param {Marker} marker
 * @returns {ProcessInfo[]}
 */
export function processesOf(marker) {
  return process.platform === 'linux' ? fromProc(marker) : fromPs(marker);
}

/**
 * Waits until no process of the run is left; gives those that are still there after `milliseconds`.
 * @param {Marker} marker
 * @param {number} milliseconds
 * @returns {Promise<ProcessInfo[]>}
 */
export async function waitUntilGone(marker, milliseconds) {
  const end = performance.now() + milliseconds;
  let left = processesOf(marker);
  while (left.length > 0 && performance.now() < end) {
    await pause(20);
    left = processesOf(marker);
  }
  return left;
}

/**
 * Sends a signal to all of them, also where one has just ended by itself.
 * @param {readonly ProcessInfo[]} processes
 * @param {NodeJS.Signals} signal
 */
export function signalAll(processes, signal) {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // The process has ended.
    }
  }
}

/**
 * @param {Marker} marker
 * @returns {ProcessInfo[]}
 */
function fromProc(marker) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProc(Number(pid), marker) ?? []);
}

/**
 * @param {number} pid
 * @param {Marker} marker
 * @returns {ProcessInfo | undefined}
 */
function readProc(pid, marker) {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(marker)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself contain parentheses and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '?', parent] = fields;
    // Linux gives it in hundredths of a second on all machines.
    const cpuTime = (Number(fields[11]) + Number(fields[12])) / 100;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return {
      pid,
      parent: Number(parent),
      state,
      command,
      environment: variables(environment),
      cpuTime,
    };
  } catch {
    // The process is another user's, or has ended since the directory was read.
    return undefined;
  }
}

/**
 * For systems without /proc: ps appends the environment to the command.
 * @param {Marker} marker
 * @returns {ProcessInfo[]}
 */
export function fromPs(marker) {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,ppid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return lines.split('\n').flatMap((line) => {
    const [, pid, parent, state = '?', rest = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const words = rest.split(' ');
    if (!words.includes(marker)) return [];
    const firstVariable = words.findIndex((word) => /^[A-Za-z_]\w*=/.test(word));
    const command = words.slice(0, firstVariable).join(' ');
    return {
      pid: Number(pid),
      parent: Number(parent),
      state: state.slice(0, 1),
      command,
      environment: variables(words),
    };
  });
}

/**
 * @param {readonly string[]} entries
 * @returns {Record<string, string>}
 */
function variables(entries) {
  return Object.fromEntries(
    entries.map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
  );
}
