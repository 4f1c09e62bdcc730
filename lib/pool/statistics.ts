import { Histogram, type TimeHistogram } from './histogram.js';

/** The counts and times of an executor's tasks. A chunk of a map is one task. */
export interface ExecutorStatistics {
  /** The number of all tasks: always the sum of the other counts. */
  readonly submitted: number;
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks that were sent to a worker, which has not answered. */
  readonly running: number;
  /** Tasks that have a result. */
  readonly done: number;
  /** Tasks that threw, could not be sent, or were left when the executor broke. */
  readonly failed: number;
  /** Tasks that were cancelled. */
  readonly cancelled: number;
  /** Tasks that failed because their worker was lost. */
  readonly lost: number;
  /** Milliseconds from `submit` until the task was sent for the first time. */
  readonly waitTime: TimeHistogram;
  /** Milliseconds that the task ran on its worker. */
  readonly runTime: TimeHistogram;
  /**
   * Milliseconds of the rest, from sent to answered: both transfers, and the wait behind tasks that were sent before.
   */
  readonly transferTime: TimeHistogram;
  /** The workers of the pool: none before its start, and after the end those of the end. */
  readonly workers: readonly WorkerStatistics[];
}

/**
 * One worker's part of an executor's tasks.
 *
 * @since 0.1.0
 */
export interface WorkerStatistics {
  /** The rank among the workers of the pool. */
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
  /** The number of tasks of this executor that it has answered, also before it was replaced. */
  readonly tasks: number;
  /** The sum of their run times in milliseconds. */
  readonly runTime: number;
}

/** The place of a worker. */
export type WorkerPlace = Pick<WorkerStatistics, 'rank' | 'host' | 'pid'>;

/** A reading of the clock, which all tasks that were submitted or sent together share. */
export interface Moment {
  /** The time of `performance.now()` in milliseconds. */
  readonly time: number;
}

/** Reads the clock. Called once for each message, not for each task. */
export function presentMoment(): Moment {
  return { time: performance.now() };
}

/** The counts and times of one executor. */
export class Statistics {
  submitted = 0;
  done = 0;
  failed = 0;
  cancelled = 0;
  lost = 0;
  /** The numbers of answered tasks, by the number of the worker. */
  readonly #tasks: number[] = [];
  readonly #runTimes: number[] = [];
  readonly #waitTime = new Histogram();
  readonly #runTime = new Histogram();
  readonly #transferTime = new Histogram();

  /** Counts a task that was sent for the first time, `waitTime` milliseconds after it was submitted. */
  sent(waitTime: number): void {
    this.#waitTime.record(waitTime);
  }

  /** Counts a task that was answered `time` milliseconds after it was sent, of which it ran for `runTime`. */
  answered(time: number, runTime: number, worker: number): void {
    this.#tasks[worker] = (this.#tasks[worker] ?? 0) + 1;
    this.#runTimes[worker] = (this.#runTimes[worker] ?? 0) + runTime;
    this.#runTime.record(runTime);
    this.#transferTime.record(Math.max(time - runTime, 0));
  }

  snapshot(queued: number, workers: readonly WorkerPlace[]): ExecutorStatistics {
    const { submitted, done, failed, cancelled, lost } = this;
    return {
      submitted,
      queued,
      running: submitted - queued - done - failed - cancelled - lost,
      done,
      failed,
      cancelled,
      lost,
      waitTime: this.#waitTime.snapshot(),
      runTime: this.#runTime.snapshot(),
      transferTime: this.#transferTime.snapshot(),
      workers: workers.map(({ rank, host, pid }, worker) => ({
        rank,
        host,
        pid,
        tasks: this.#tasks[worker] ?? 0,
        runTime: this.#runTimes[worker] ?? 0,
      })),
    };
  }
}
