/**
 * The end of a process that uses MPI (docs/lifecycle.md has the rules with their reasons).
 *
 * MPI is finalized in the 'exit' event: 'beforeExit' is skipped by process.exit and by errors, and cleanup hooks of the
 * environment do not run then either. Native code joins the MPI thread with a deadline.
 */

import type { Addon } from './addon.js';
import { launcher } from './launcher.js';

const finalizeDeadline = 4000;
const abortDeadline = 2000;
const lastWords = 500;

export class Ending {
  readonly #addon: Addon;
  #isWorker = false;
  #agreed = false;
  #abortsOthers = false;
  #broken = false;
  #connecting = false;
  #mustAbort = false;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  /**
   * This process serves a master and may only end when told to. `abortsOthers`: if it ends by itself, so must all: the
   * launcher would not notice, or would hang.
   */
  serves(abortsOthers: boolean): void {
    this.#isWorker = true;
    this.#abortsOthers = abortsOthers;
  }

  toldToQuit(): void {
    this.#agreed = true;
  }

  /** While on, other processes wait for this one in collective calls, and cannot be told to end. */
  connecting(on: boolean): void {
    this.#connecting = on;
  }

  /** A worker was lost: MPI_Finalize would wait for it for ever. */
  cannotFinalize(): void {
    this.#broken = true;
  }

  /** A spawn has failed: Open MPI's mpiexec would now hang after any end but an abort. */
  spawnFailed(): void {
    this.#broken = true;
    this.#mustAbort = true;
  }

  end(code: number): void {
    if (this.#isWorker && !this.#agreed) {
      if (this.#abortsOthers) this.#abort(code || 1);
      this.#addon.finalize(lastWords, false); // only lets what was sent leave
      this.#addon.exitNow(code || 1);
    }
    const launched = launcher.size > 0;
    if (this.#mustAbort && launched) this.#abort(code || 1);
    if (!this.#connecting && this.#addon.finalize(finalizeDeadline, !this.#broken)) return;
    // Under a launcher others may wait for this process; without one MPI_Abort would hang.
    if ((code !== 0 || this.#connecting) && launched) this.#abort(code);
    this.#addon.exitNow(code);
  }

  #abort(code: number): never {
    this.#addon.abort(code, abortDeadline);
    return this.#addon.exitNow(code);
  }
}

let current: Ending | undefined;

/** Ends MPI when the process ends. */
export function atProcessEnd(addon: Addon): Ending {
  const ending = new Ending(addon);
  current = ending;
  process.once('exit', (code) => {
    ending.end(code);
  });
  return ending;
}

/** The ending of this process, if the addon could be loaded. */
export function endingIfLoaded(): Ending | undefined {
  return current;
}

/** The ending of this process, once MPI was started. */
export function processEnding(): Ending {
  if (current === undefined) throw new Error('MPI has not been started');
  return current;
}
