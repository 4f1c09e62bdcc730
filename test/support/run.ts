/** One run of a program: what it says, how it ends, and what it leaves. */

import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import {
  describeHang,
  describeProcess,
  isHungMpiexec,
  isLeftDaemon,
  keepFailure,
  lastLines,
} from './hang_report.js';
import {
  processesOf,
  signalAll,
  waitUntilGone,
  type Marker,
  type ProcessInfo,
} from '../../scripts/marked_processes.mjs';

export interface RunningProgram {
  /** Waits until the program has printed something that matches, on stdout or stderr. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to what was started: mpiexec, or the program itself where there is none. */
  signal(signal: NodeJS.Signals): void;
  /** All processes of the run that live now. */
  processes(): ProcessInfo[];
}

/** What a program has said so far, or in all. */
export interface Said {
  /** What was started. */
  command: string;
  stdout: string;
  stderr: string;
}

/** A run that a test fails for, whatever it expects. All that is known of it is kept in a file. */
export class ProgramError extends Error {
  readonly stdout: string;

  constructor(message: string, said: Said) {
    const { command, stdout, stderr } = said;
    const head = `${command}\n${message}`;
    const file = keepFailure(head, said);
    super([head, lastLines('stdout', stdout), lastLines('stderr', stderr), `All of it: ${file}`].join('\n')); // prettier-ignore
    this.name = new.target.name;
    this.stdout = stdout;
  }
}

/** The program did not end in time. */
export class ProgramHangsError extends ProgramError {}

/** The program ended, others that it had started did not. */
export class ProcessesLeftError extends ProgramError {}

/** The program ended otherwise than the test expects. */
export class UnexpectedEndError extends ProgramError {}

/** In milliseconds: how long a run may take in all, how long without any progress, and what it started after its end. */
export interface Patience {
  deadline: number;
  silence: number;
  /** Daemons end a moment after the program that they served. */
  afterlife: number;
}

// No program of the tests waits for more than some seconds, even on a slow machine. A program that computes may go on.
const DEFAULT_PATIENCE: Patience = { deadline: 600_000, silence: 120_000, afterlife: 30_000 };

// A process that waits in MPI uses some processor time, too.
const LEAST_PROGRESS = 1; // seconds of one core

export class Run implements RunningProgram {
  readonly command: string;
  stdout = '';
  stderr = '';
  /** It was, with all others gone, and has been killed. */
  mpiexecHung = false;
  readonly #child: ChildProcess;
  readonly #marker: Marker;
  readonly #patience: Patience;
  readonly #mpiexecMayHang: boolean;
  readonly #exited: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  readonly #closed: Promise<unknown>;

  constructor(
    child: ChildProcess,
    marker: Marker,
    patience: Partial<Patience>,
    mpiexecMayHang = false,
  ) {
    this.command = child.spawnargs.join(' ');
    this.#mpiexecMayHang = mpiexecMayHang;
    this.#patience = { ...DEFAULT_PATIENCE, ...patience };
    this.#child = child;
    this.#marker = marker;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject).once('exit', (status, signal) => resolve({ status, signal }));
    });
    this.#closed = new Promise((resolve) => child.once('close', resolve));
  }

  async end(whileRunning?: (program: RunningProgram) => Promise<void>) {
    const ended = new AbortController();
    const late = this.#whenLate(ended.signal);
    try {
      await Promise.race([Promise.all([whileRunning?.(this), this.#exited]), late]);
      return await this.#exited;
    } finally {
      ended.abort();
    }
  }

  async checkNothingIsLeft(): Promise<void> {
    const left = await waitUntilGone(this.#marker, this.#patience.afterlife);
    const { status } = await this.#exited;
    if (status !== 0 && isLeftDaemon(left)) {
      console.warn(
        `${this.command}\nOpen MPI left its daemon:\n${left.map(describeProcess).join('\n')}`,
      );
      signalAll(left, 'SIGKILL');
    } else if (left.length > 0) {
      throw new ProcessesLeftError(
        `ended and left behind:\n${left.map(describeProcess).join('\n')}`,
        this,
      );
    }
    await this.#closed;
  }

  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      let found = false;
      const look = () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (!match) return;
        found = true;
        resolve(match);
      };
      this.#child.stdout?.on('data', look);
      this.#child.stderr?.on('data', look);
      this.#child.once('close', () => {
        // The error is kept as that of a failed run.
        if (found) return;
        reject(new UnexpectedEndError(`ended before it printed ${pattern}`, this));
      });
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  processes(): ProcessInfo[] {
    return processesOf(this.#marker);
  }

  /**
   * Rejects when the deadline is over, or when nothing was printed, started, ended or computed for as long as `silence`. A hanging
   * mpiexec is killed where it may hang: then the run has ended.
   */
  async #whenLate(ended: AbortSignal): Promise<void> {
    const { deadline, silence } = this.#patience;
    const start = performance.now();
    let last = this.#progress();
    let lastTime = start;
    for (;;) {
      await pause(Math.min(deadline, silence, 1000), undefined, { signal: ended });
      const now = performance.now();
      const progress = this.#progress();
      if (progress.seen !== last.seen || progress.cpuTime - last.cpuTime >= LEAST_PROGRESS) {
        last = progress;
        lastTime = now;
      }
      const isLate = now - start >= deadline;
      if (!isLate && now - lastTime < silence) continue;
      const processes = this.processes();
      if (this.#mpiexecMayHang && isHungMpiexec(processes)) {
        this.mpiexecHung = true;
        signalAll(processes, 'SIGKILL');
        return;
      }
      const what = isLate
        ? `did not end within ${deadline / 1000} s`
        : `did nothing for ${silence / 1000} s and did not end`;
      throw new ProgramHangsError(`${what}: ${describeHang(processes)}`, this);
    }
  }

  #progress(): { seen: string; cpuTime: number } {
    const processes = this.processes();
    const pids = processes.map(({ pid }) => pid);
    return {
      seen: [this.stdout.length, this.stderr.length, ...pids].join(),
      // If the time is unknown, every look counts as progress, and the deadline decides.
      cpuTime: processes.reduce((sum, { cpuTime = performance.now() }) => sum + cpuTime, 0),
    };
  }
}
