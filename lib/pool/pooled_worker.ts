import type { IncomingFunctions } from '../functions/incoming_functions.js';
import type { WorkerLink } from '../workers/worker_source.js';
import { functionsOfWorker } from './functions.js';
import { SentTasks } from './sent_tasks.js';

/** A worker as its pool knows it; its number is its place among the pool's workers. */
export class PooledWorker {
  readonly link: WorkerLink;
  /** Tasks that it has not answered. */
  readonly sent: SentTasks;
  /** Ids of the functions that it has been told of: see told_functions.ts. */
  readonly told = new Set<number>();
  /** The functions that it has told of. */
  readonly functions: IncomingFunctions = functionsOfWorker();
  /** How many in its place have died in vain, one after the other, the last of them just before it. */
  readonly inVain: number;
  /** It has given results. */
  hasAnswered = false;

  constructor(link: WorkerLink, number: number, inVain: number) {
    this.link = link;
    this.sent = new SentTasks(number);
    this.inVain = inVain;
  }
}
