/**
 * The end of a process that uses MPI (docs/design/lifecycle.md has the rules with their reasons).
 *
 * On the main thread MPI is ended in the 'exit' event: 'beforeExit' is skipped by process.exit and by errors, and cleanup
 * hooks of the environment do not run then either. In another thread it is the other way round: worker.terminate() skips
 * the event, and native code has a cleanup hook.
 */

import { isMainThread } from 'node:worker_threads';

import { describeThrown } from '../describe_thrown.js';
import type { Addon } from './addon.js';
import type { MpiLibrary } from './implementation.js';
import { launcher } from './launcher.js';
import { perProcess } from './per_process.js';
import { survivesLosses } from './recovery.js';

const abortDeadline = 2000;
const lastWords = 500;

/**
 * The rules of how this process ends, told to native code as they change: quietly, together with others, or by MPI_Abort.
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
   * This process serves a master and may only end when told to. `abortsOthers`: if it ends by itself, so must all: the
   * launcher would not notice, or would hang.
   */
  serves(abortsOthers: boolean): void {
    this.#isWorker = true;
    this.#launched = abortsOthers;
    this.#describe();
  }

  /** This process has no master any more; it ends as it would have before. */
  servesNoMore(): void {
    this.#isWorker = false;
    this.#launched = this.#startedByLauncher;
    this.#describe();
  }

  /**
   * True if all must end when a process that this one spawns ends by itself: on a worker, as its master has said of the
   * worker.
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

  /** Other processes of the world serve this one, as under the launcher. */
  leads(): void {
    this.#leads = true;
  }

  get isLeading(): boolean {
    return this.#leads;
  }

  /** The program uses communicators: unless there is a master among them, all run it on their own. */
  communicates(): void {
    if (this.#communicates) return;
    this.#communicates = true;
    if (this.#isWorker || this.#leads) return;
    this.peers(true);
  }

  /** Ends all processes with `code`, those that start MPI in so many milliseconds. */
  fail(code: number, deadline: number): never {
    printUncaught();
    this.#addon.abort(code, deadline);
    this.#addon.exitNow(code);
  }

  /** A worker was lost. */
  workerLost(): void {
    if (!this.survivesLosses) this.cannotFinalize();
  }

  /** MPI_Finalize would wait for ever for somebody. */
  cannotFinalize(): void {
    this.#failed = true;
    this.#describe();
  }

  /** MPI could not be started: the other processes of the launcher wait for this one in their start. */
  startFailed(): void {
    if (launcher.size > 1) this.cannotFinalize();
  }

  /** A spawn has failed: Open MPI's mpiexec would now hang after any end but an abort. */
  spawnFailed(): void {
    this.cannotFinalize();
  }

  /** @param isUncaught - an error ends the process, which Node.js prints only after its 'exit' event */
  end(code: number, isUncaught: boolean): void {
    if (!this.#isWorker || this.#agreed) {
      const losesOthers = this.#connecting || (this.#peers && code !== 0);
      const isAbort = this.#failed || (this.#launched && losesOthers);
      if (isUncaught && isAbort) this.#addon.endAtExit(code);
      else this.#addon.end(code);
      return;
    }
    if (this.#launched) this.#addon.abort(code || 1, abortDeadline);
    else this.#addon.finalize(lastWords, false); // only lets what was sent leave
    this.#addon.exitNow(code || 1);
  }

  #describe(): void {
    this.#addon.describeEnd(this.#launched, this.#connecting, this.#failed, this.#peers);
  }
}

let uncaught: { readonly error: unknown } | undefined;
let remembers = false;

/** Has an error that ends this process printed before the others are ended; Node.js prints it after the 'exit' event. */
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

/** Ends MPI when the process ends, or, in a thread that may be terminated, when that does. */
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
