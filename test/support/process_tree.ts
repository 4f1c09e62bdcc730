/**
 * The processes of one run of a program: those whose environment contains its marker. MPI starts processes through
 * daemons and in sessions of their own, so neither parents nor process groups lead to all of them; but all of them
 * inherit the environment.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** As in ps: R running, S sleeping, D waiting for a disk, T stopped … */
  state: string;
  command: string;
  environment: Readonly<Record<string, string>>;
  /** Seconds of a core that it has used; where there is no /proc, undefined. */
  cpuTime?: number;
}

/** `NAME=value`, different for every run. */
export type Marker = string;

/** The processes of a run that live now. A zombie has no environment any more and is not among them. */
export function processesOf(marker: Marker): ProcessInfo[] {
  return process.platform === 'linux' ? fromProc(marker) : fromPs(marker);
}

/** Waits until no process of the run is left; gives those that are still there after `milliseconds`. */
export async function waitUntilGone(marker: Marker, milliseconds: number): Promise<ProcessInfo[]> {
  const end = performance.now() + milliseconds;
  let left = processesOf(marker);
  while (left.length > 0 && performance.now() < end) {
    await pause(20);
    left = processesOf(marker);
  }
  return left;
}

/** Ends all processes of a run: asks first, so that launchers can clean up, and then does not ask. */
export async function endAll(marker: Marker): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', 2000],
    ['SIGKILL', 2000],
    ['SIGKILL', 30_000],
  ] as const) {
    for (const { pid } of processesOf(marker)) sendSignal(pid, signal);
    const left = await waitUntilGone(marker, patience);
    if (left.length === 0) return;
  }
  throw new Error(`Cannot end ${processesOf(marker).map(nameAndPid).join(', ')}`);
}

/** What a process is in its MPI job: a launcher's own variables tell. */
export function roleOf({ command, environment }: ProcessInfo): string {
  const program = path.basename(command.split(' ', 1)[0] ?? '');
  if (/^(mpiexec|mpirun|orterun|prterun)/.test(program)) return 'mpiexec';
  if (/^(orted|prted|hydra_)/.test(program)) return `daemon ${program}`;
  const rank = environment.OMPI_COMM_WORLD_RANK ?? environment.PMI_RANK;
  if (rank === undefined) return 'process without rank';
  if ('OMPI_PARENT_PORT' in environment || environment.PMI_SPAWNED === '1')
    return `spawned worker rank ${rank}`;
  return rank === '0' ? 'master rank 0' : `worker rank ${rank}`;
}

export function nameAndPid(info: ProcessInfo): string {
  return `${roleOf(info)} (pid ${info.pid}: ${info.command.slice(0, 160)})`;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

function fromProc(marker: Marker): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProc(Number(pid), marker) ?? []);
}

function readProc(pid: number, marker: Marker): ProcessInfo | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(marker)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself contain parentheses and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '?', parent] = fields;
    // In ticks of a hundredth of a second, which Linux shows on all machines.
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
    // Somebody else's, or gone since the directory was read.
    return undefined;
  }
}

/** For systems without /proc: ps appends the environment to the command. */
export function fromPs(marker: Marker): ProcessInfo[] {
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

function variables(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
  );
}
