/**
 * The end of a process that uses MPI (docs/design/lifecycle.md has the rules with their reasons).
 *
 * On the main thread MPI is ended in the 'exit' event, because process.exit and errors skip 'beforeExit', and cleanup
 * hooks of the environment do not run then either. In another thread a cleanup hook of native code ends MPI, because
 * worker.terminate() skips the event.
 */

import { isMainThread } from 'node:worker_threads';

import { describeThrown } from '../describe_thrown.js';
import type { Addon } from './addon.js';
import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';
import { perProcess } from './per_process.js';
import { survivesLosses } from './recovery.js';

const abortDeadline = 2000;
const lastSends = 500;

/**
 * Holds the rules for the end of this process and passes each change to native code. A process ends quietly, together
 * with others, or by MPI_Abort.
 */
export class Ending {
  /** True where the others live on when one dies. Then nobody may abort: MPI_Abort would hang. */
  readonly survivesLosses: boolean;
  readonly #addon: Addon;
  readonly #startedByLauncher: boolean;
  #launched: boolean;
  #isWorker = false;
  #agreed = false;
  #connecting = false;
  #failed = false;
  #peers = false;
  #leads = false;
  #communicates = false;

  constructor(addon: Addon, library: MpiLibrary) {
    this.#addon = addon;
    this.survivesLosses = survivesLosses(library);
    this.#startedByLauncher = launcher.size > 0 && !this.survivesLosses;
    this.#launched = this.#startedByLauncher;
    this.#describe();
  }

  /**
   * Notes that this process serves a master and may only end when the master tells it to. `abortsOthers`: if this
   * process ends by itself, it must end all others, because the launcher would not notice, or would hang.
   */
  serves(abortsOthers: boolean): void {
    this.#isWorker = true;
    this.#launched = abortsOthers;
    this.#describe();
  }

  /** Notes that this process no longer has a master; it ends as a process of the program does. */
  servesNoMore(): void {
    this.#isWorker = false;
    this.#launched = this.#startedByLauncher;
    this.#describe();
  }

  /**
   * True if all processes must end when one that this process spawns ends by itself. On a worker, its master has
   * decided this.
   */
  get abortsOthers(): boolean {
    return this.#launched;
  }

  toldToQuit(): void {
    this.#agreed = true;
  }

  /** While on, other processes wait for this one in collective calls, and cannot be told to end. */
  connecting(on: boolean): void {
    this.#connecting = on;
    this.#describe();
  }

  /**
   * While on, other processes run the program on their own: at the end this one waits for them, however long they go on,
   * and ends them if its status is not 0.
   */
  peers(on: boolean): void {
    this.#peers = on;
    this.#describe();
  }

  /** Notes that other processes of the world serve this one, as under the launcher. */
  leads(): void {
    this.#leads = true;
  }

  get isLeading(): boolean {
    return this.#leads;
  }

  /**
   * Notes that the program uses communicators: unless one of the processes is a master, all run the program on their
   * own.
   */
  communicates(): void {
    if (this.#communicates) return;
    this.#communicates = true;
    if (this.#isWorker || this.#leads) return;
    this.peers(true);
  }

  /** Ends all processes with `code`, including those that start MPI within `deadline` milliseconds. */
  fail(code: number, deadline: number): never {
    printUncaught();
    this.#addon.abort(code, deadline);
    this.#addon.exitNow(code);
  }

  /** Notes that a worker was lost. */
  workerLost(): void {
    if (!this.survivesLosses) this.cannotFinalize();
  }

  /** Notes that MPI_Finalize would wait for ever for another process. */
  cannotFinalize(): void {
    this.#failed = true;
    this.#describe();
  }

  /** Notes that MPI could not be started: the other processes of the launcher wait for this one in MPI_Init. */
  startFailed(): void {
    if (launcher.size > 1) this.cannotFinalize();
  }

  /** Notes that a spawn has failed: Open MPI's mpiexec would now hang after any end but an abort. */
  spawnFailed(): void {
    this.cannotFinalize();
  }

  /**
   * @param isUncaught - true if an uncaught error ends the process; Node.js prints that error only after its 'exit'
   *   event
   */
  end(code: number, isUncaught: boolean): void {
    if (!this.#isWorker || this.#agreed) {
      const losesOthers = this.#connecting || (this.#peers && code !== 0);
      const isAbort = this.#failed || (this.#launched && losesOthers);
      if (isUncaught && isAbort) this.#addon.endAtExit(code);
      else this.#addon.end(code);
      return;
    }
    if (this.#launched) this.#addon.abort(code || 1, abortDeadline);
    else this.#addon.finalize(lastSends, false); // only lets what was sent leave
    this.#addon.exitNow(code || 1);
  }

  #describe(): void {
    this.#addon.describeEnd(this.#launched, this.#connecting, this.#failed, this.#peers);
  }
}

let uncaught: { readonly error: unknown } | undefined;
let remembers = false;

/**
 * Has an error that ends this process printed before the other processes are ended; Node.js prints it only after the
 * 'exit' event.
 */
export function rememberUncaught(): void {
  if (remembers) return;
  remembers = true;
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = { error };
  });
}

function printUncaught(): void {
  if (uncaught !== undefined) process.stderr.write(`Uncaught ${describeThrown(uncaught.error)}\n`);
}

const inProcess = perProcess('ending', (): { current: Ending | undefined } => ({
  current: undefined,
}));

/** Ends MPI when the process ends or, in a thread that may be terminated, when the thread does. */
export function atProcessEnd(addon: Addon, library: MpiLibrary): Ending {
  const ending = new Ending(addon, library);
  inProcess.current = ending;
  if (isMainThread) {
    let isUncaught = false;
    process.on('uncaughtExceptionMonitor', () => (isUncaught = true));
    process.once('exit', (code) => {
      ending.end(code, isUncaught);
    });
  }
  return ending;
}

/** The ending of this process, if the addon could be loaded. */
export function endingIfLoaded(): Ending | undefined {
  return inProcess.current;
}

/** The ending of this process, once MPI was started. */
export function processEnding(): Ending {
  const { current } = inProcess;
  if (current === undefined) throw new Error('MPI has not been started');
  return current;
}
