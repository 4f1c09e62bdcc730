/** Reports what a run that does not end was doing: enough to see which half hangs, and in what, from the message alone. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import type { ProcessInfo } from '../../scripts/marked_processes.mjs';
import { roleOf } from './process_tree.js';
import type { Said } from './run.js';

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'in the kernel',
  T: 'stopped',
};

export function describeHang(processes: readonly ProcessInfo[]): string {
  return [verdict(processes), ...processes.map(describeProcess)].join('\n');
}

let failures = 0;
const kept = new WeakSet<Said>();

/** Writes down all that a failed run has said, of which a message has the end only; gives the name of the file. */
export function keepFailure(what: string, said: Said, kind = ''): string {
  const { stdout, stderr } = said;
  kept.add(said);
  const folder = path.join(root, 'build/failed_programs');
  const time = new Date().toISOString();
  const file = path.join(folder, `${time}-${process.pid}-${failures++}${kind}.txt`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${time}\n${what}\n--- stdout\n${stdout}\n--- stderr\n${stderr}\n`);
  return file;
}

export function isKept(said: Said): boolean {
  return kept.has(said);
}

export function lastLines(stream: string, text: string, count = 20): string {
  if (text.trim() === '') return `nothing on ${stream}`;
  const lines = text.trimEnd().split('\n').slice(-count);
  return [`last lines of ${stream}:`, ...lines.map((line) => `  | ${line.trimEnd()}`)].join('\n');
}

/**
 * Whether mpiexec itself hangs at its end: it alone is left, and waits for a lock or for one of its own threads. When it waits for
 * processes, as it does where a rank has ended without its knowledge, it polls. Linux only.
 */
export function isHungMpiexec(
  processes: readonly ProcessInfo[],
  channel = (pid: number) => waitChannel(pid, String(pid)),
): boolean {
  const [only, ...others] = processes;
  if (only === undefined || others.length > 0) return false;
  return roleOf(only) === 'mpiexec' && channel(only.pid).startsWith('futex_');
}

/**
 * Whether only the daemon is left that Open MPI 4 starts for a program without mpiexec. Where such a program ends by
 * MPI_Abort it stayed once in some 7000 ends: docs/guide/known-issues.md.
 */
export function isLeftDaemon(processes: readonly ProcessInfo[]): boolean {
  const [only, ...others] = processes;
  if (only === undefined || others.length > 0) return false;
  return roleOf(only) === 'daemon orted' && only.command.includes('--singleton-died-pipe');
}

function verdict(processes: readonly ProcessInfo[]): string {
  const roles = [...new Set(processes.map(roleOf))];
  const workers = roles.filter((role) => role.includes('worker')).length;
  const masters = roles.filter(
    (role) => role.startsWith('master') || role.startsWith('process'),
  ).length;
  if (workers + masters === 0) return 'every rank has ended: the launcher hangs';
  if (workers === 0) return 'the master hangs: no worker is there';
  if (masters === 0) return `the workers hang: the master has ended and left ${workers}`;
  return `both halves are there, the master and ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

/** What it is in its job, its command, and where in the kernel each of its threads waits. */
export function describeProcess(info: ProcessInfo): string {
  const head = `- ${roleOf(info)}, pid ${info.pid}, parent ${info.parent}, ${stateName(info.state)}: ${info.command}`;
  return [head, ...threadsOf(info.pid)].join('\n');
}

function stateName(state: string): string {
  return STATES[state] ?? `state ${state}`;
}

/** Where in the kernel each thread waits, equal ones counted together: a process of Node.js has a dozen. Linux only. */
function threadsOf(pid: number): string[] {
  const count = new Map<string, number>();
  for (const thread of threadIds(pid)) {
    const name = read(`/proc/${pid}/task/${thread}/comm`);
    const state = /\) (\w)/.exec(read(`/proc/${pid}/task/${thread}/stat`))?.[1] ?? '?';
    const which = thread === String(pid) ? 'main thread' : 'thread';
    const line = `${which} ${name} ${stateName(state)} in ${waitChannel(pid, thread)}`;
    count.set(line, (count.get(line) ?? 0) + 1);
  }
  return [...count].map(([line, times]) => `    ${line}${times > 1 ? ` (${times} of these)` : ''}`);
}

function threadIds(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The kernel function a thread sleeps in; 0 stands for none, or for one that may not be seen. */
function waitChannel(pid: number, thread: string): string {
  const name = read(`/proc/${pid}/task/${thread}/wchan`);
  return name === '' || name === '0' ? 'user code' : name;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
