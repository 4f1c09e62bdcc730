import type { IncomingFunctions } from '../functions/incoming_functions.js';
import type { WorkerLink } from '../workers/worker_source.js';
import { functionsOfWorker } from './functions.js';
import { SentTasks } from './sent_tasks.js';

/** A worker of a pool; its number is its index among the pool's workers. */
export class PooledWorker {
  readonly link: WorkerLink;
  /** Tasks that it has not answered. */
  readonly sent: SentTasks;
  /** The ids of the functions whose definitions the worker has: see sent_definitions.ts. */
  readonly defined = new Set<number>();
  /** The functions that the worker has defined. */
  readonly functions: IncomingFunctions = functionsOfWorker();
  /** The number of workers that died in this place, one after the other without a result, just before this one. */
  readonly inVain: number;
  /** True if the worker has given results. */
  hasAnswered = false;
  /** True if its end was noticed, and what it had sent may still come. */
  isLeaving = false;
  /** True if the pool itself has ended the worker. */
  wasEnded = false;

  /** @param before - the worker that had the place before */
  constructor(link: WorkerLink, number: number, inVain: number, before?: PooledWorker) {
    this.link = link;
    this.sent = new SentTasks(number, before?.sent);
    this.inVain = inVain;
  }
}
