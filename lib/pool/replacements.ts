/** Which lost workers are replaced: as a rule all, but not for ever where one dies after the other. */

import { MPIError, SpawnError, WorkerLostError } from '../errors.js';
import type { WorkerIdentity, WorkerSource } from '../workers/worker_source.js';

/** Who is told what becomes of a lost worker. */
export interface ReplacementEvents {
  /** There is another one in place of worker `lost`. It has the next number. */
  joined(lost: number, identity: WorkerIdentity): void;
  /** There will be none; `reason` says why, unless the source replaces none at all. */
  notReplaced(lost: number, reason: string | undefined): void;
}

/** So many may die in one place one after the other, none of them with a result; then it stays empty. */
const mostInVain = 3;

export class Replacements {
  readonly #source: WorkerSource;
  readonly #events: ReplacementEvents;
  /** By worker: how many of those before it in its place have died in vain, without a break; −1 once it has given a result. */
  readonly #inVain: number[] = [];
  #pending = 0;
  #stopped = false;

  constructor(source: WorkerSource, events: ReplacementEvents) {
    this.#source = source;
    this.#events = events;
  }

  /** How many are on their way. */
  get pending(): number {
    return this.#pending;
  }

  /** The next worker is there, `inVain` after as many that were not. */
  add(inVain = 0): void {
    this.#inVain.push(inVain);
  }

  /** The worker has given results. */
  proved(worker: number): void {
    this.#inVain[worker] = -1;
  }

  /** Worker `lost` was lost. One of the events follows, maybe at once. */
  replace(lost: number): void {
    this.#replace(lost, this.#inVain[lost]! + 1);
  }

  /** The pool ends: what is on its way is not wanted any more. */
  stop(): void {
    this.#stopped = true;
  }

  #replace(lost: number, inVain: number): void {
    if (this.#stopped || this.#source.replace === undefined) {
      this.#events.notReplaced(lost, undefined);
      return;
    }
    if (inVain >= mostInVain) {
      this.#giveUp(
        lost,
        `${mostInVain} have died in its place or failed to start, one after the other`,
      );
      return;
    }
    const replacement = this.#source.replace(lost);
    if (replacement === undefined) {
      this.#events.notReplaced(lost, undefined);
      return;
    }
    this.#pending++;
    replacement.then(
      (identity) => {
        this.#pending--;
        if (this.#stopped) return;
        this.add(inVain);
        this.#events.joined(lost, identity);
      },
      (error: unknown) => {
        this.#pending--;
        if (this.#stopped) return;
        if (mayTryAgain(error)) this.#replace(lost, inVain + 1);
        else this.#giveUp(lost, error instanceof Error ? error.message : String(error));
      },
    );
  }

  #giveUp(lost: number, reason: string): void {
    process.emitWarning(`A lost worker is not replaced: ${reason}`, {
      type: 'MPIFuturesWarning',
      code: 'MPI_FUTURES_NOT_REPLACED',
    });
    this.#events.notReplaced(lost, reason);
  }
}

/** It died at its start, or the spawn itself has failed. */
function mayTryAgain(error: unknown): boolean {
  const cause = error instanceof SpawnError ? error.cause : undefined;
  return cause instanceof WorkerLostError || cause instanceof MPIError;
}
