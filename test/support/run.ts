/** One run of a program: what it says, how it ends, and what it leaves. */

import type { ChildProcess } from 'node:child_process';
import { describeHang, lastLines } from './hang_report.js';
import {
  nameAndPid,
  processesOf,
  waitUntilGone,
  type Marker,
  type ProcessInfo,
} from './process_tree.js';

export interface RunningProgram {
  /** Waits until the program has printed something that matches, on stdout or stderr. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to what was started: mpiexec, or the program itself where there is none. */
  signal(signal: NodeJS.Signals): void;
  /** All processes of the run that live now. */
  processes(): ProcessInfo[];
}

/** A run that a test fails for, whatever it expects. */
export class ProgramError extends Error {
  readonly stdout: string;

  constructor(message: string, { stdout, stderr }: { stdout: string; stderr: string }) {
    super(`${message}\n${lastLines('stdout', stdout)}\n${lastLines('stderr', stderr)}`);
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

// Daemons end a moment after the program that they served.
const LONGEST_AFTERLIFE = 3000;

export class Run implements RunningProgram {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #marker: Marker;
  readonly #exited: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  readonly #closed: Promise<unknown>;

  constructor(child: ChildProcess, marker: Marker) {
    this.#child = child;
    this.#marker = marker;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject).once('exit', (status, signal) => resolve({ status, signal }));
    });
    this.#closed = new Promise((resolve) => child.once('close', resolve));
  }

  async end(deadline: number, whileRunning?: (program: RunningProgram) => Promise<void>) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#hang(deadline)), deadline);
    });
    try {
      await Promise.race([Promise.all([whileRunning?.(this), this.#exited]), late]);
      return await this.#exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async checkNothingIsLeft(): Promise<void> {
    const left = await waitUntilGone(this.#marker, LONGEST_AFTERLIFE);
    if (left.length > 0) {
      throw new ProcessesLeftError(
        `ended and left behind:\n${left.map(nameAndPid).join('\n')}`,
        this,
      );
    }
    await this.#closed;
  }

  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match) resolve(match);
      };
      this.#child.stdout?.on('data', look);
      this.#child.stderr?.on('data', look);
      this.#child.once('close', () => {
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

  #hang(deadline: number): ProgramHangsError {
    return new ProgramHangsError(
      `did not end within ${deadline / 1000} s: ${describeHang(this.processes())}`,
      this,
    );
  }
}
