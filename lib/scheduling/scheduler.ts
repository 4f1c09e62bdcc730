import { Backlog } from './backlog.js';
import { RunTimeEstimates } from './run_time_estimates.js';
import type { Schedulable, TaskQueue } from './task_queue.js';
import { WorkerLoads, type WorkerLoad } from './worker_loads.js';

export type { Schedulable, TaskQueue } from './task_queue.js';

/** How a scheduler sends tasks, and how far ahead. */
export interface SchedulerOptions<T> {
  /** Sends tasks to a worker, in this order: one call, one message. */
  dispatch(worker: number, batch: readonly T[]): void;
  /** Most milliseconds of expected run time outstanding at one worker; default 10. */
  aheadTime?: number;
  /** Most tasks outstanding at one worker; default 256. */
  aheadCount?: number;
  /**
   * Most bytes outstanding at one worker; default 16 MiB. One task more may always be on its way
   * while another runs, however large.
   */
  aheadBytes?: number;
  /** Most tasks in one message; default 128: with two on their way a worker never waits for one. */
  batchCount?: number;
  /** Most bytes in one message; default 65 536. A task that is larger goes alone. */
  batchBytes?: number;
}

/**
 * Which task goes to which worker, and when. Pure: it knows no messages, promises or clocks.
 *
 * A task that is long, or of a kind that never ran, or is to be alone, waits for an idle worker and
 * is the only one there: load is balanced as well as one at a time can. Tasks known to be short are sent ahead,
 * many in one message, as long as the worker is expected to be through with them within
 * `aheadTime`. Queues get equal shares of the workers' time, whatever the number and the length of
 * their tasks.
 *
 * Tasks that work together, each waiting for the others, go one to each worker: none gets its second before all have had
 * their first.
 *
 * All costs are constant per task, amortised, for any number of workers; to change from one queue
 * to the next costs O(log n) for the n queues that have tasks.
 */
export class Scheduler<T extends Schedulable> {
  readonly #dispatch: (worker: number, batch: readonly T[]) => void;
  readonly #batchCount: number;
  readonly #batchBytes: number;
  readonly #turnTime: number;
  readonly #backlog: Backlog<T>;
  readonly #estimates: RunTimeEstimates;
  readonly #loads: WorkerLoads;
  readonly #workers: (WorkerLoad | null)[] = [];
  #workerCount = 0;
  #outstanding = 0;
  /** Kinds of tasks that work together. */
  readonly #together = new Set<number>();
  /** Workers that have not had the one of such tasks that is theirs in this round. */
  readonly #inTurn = new Set<WorkerLoad>();

  constructor(options: SchedulerOptions<T>) {
    const { aheadTime = 10, aheadCount = 256, aheadBytes = 1 << 24 } = options;
    const { batchCount = 128, batchBytes = 65_536 } = options;
    const aheadMicroseconds = aheadTime * 1000;
    this.#dispatch = (worker, batch) => options.dispatch(worker, batch);
    this.#batchCount = batchCount;
    this.#batchBytes = batchBytes;
    this.#turnTime = aheadMicroseconds / 8;
    this.#backlog = new Backlog(this.#turnTime);
    this.#estimates = new RunTimeEstimates(aheadMicroseconds);
    this.#loads = new WorkerLoads({
      time: aheadMicroseconds,
      count: aheadCount,
      bytes: aheadBytes,
    });
  }

  /** Tasks that wait in queues. */
  get queued(): number {
    return this.#backlog.length;
  }

  /** Tasks that were dispatched and have not ended. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Workers there are now. */
  get workers(): number {
    return this.#workerCount;
  }

  /** A new worker, idle. Returns its number: 0, 1, 2 …, never used again. */
  addWorker(): number {
    const id = this.#workers.length;
    this.#workers.push(this.#loads.add(id));
    this.#workerCount++;
    return id;
  }

  /**
   * The worker was lost, or is about to be. Those of its tasks that have not been completed by then are the caller's, to be
   * requeued or failed.
   */
  removeWorker(id: number): void {
    const worker = this.#workers[id];
    if (!worker) return;
    this.#loads.remove(worker);
    this.#inTurn.delete(worker);
    this.#workers[id] = null;
    this.#workerCount--;
    this.#outstanding -= worker.count;
  }

  /** A queue of its own for one executor. */
  createQueue(): TaskQueue<T> {
    return this.#backlog.createQueue();
  }

  /** Tasks of this kind work together; those in `sent` are on their way already. */
  worksTogether(kind: number, sent: Iterable<T>): void {
    this.#together.add(kind);
    for (const task of sent) this.#hasTurn(this.#workers[task.worker]);
  }

  /** The task has ended after `runTime` milliseconds, as measured on its worker. */
  completed(task: T, runTime: number): void {
    const worker = this.#workers[task.worker];
    const time = runTime * 1000;
    const estimate = this.#estimates.noteRun(task.kind, time);
    this.#backlog.correct(task, time - task.charge);
    this.#release(task, worker, Math.ceil(estimate.time));
  }

  /** The task is no longer outstanding but says nothing of its kind: it was cancelled, for one. */
  released(task: T): void {
    const worker = this.#workers[task.worker];
    if (!task.alone) this.#estimates.of(task.kind)?.noteReleased();
    this.#release(task, worker, worker?.latest ?? 0);
  }

  /** Sends what can be sent now. To be called once in each turn of the event loop with a change. */
  dispatchAll(): void {
    let sharers = 0;
    for (let task = this.#backlog.first; task !== null; task = this.#backlog.first) {
      const worker = this.#isTogether(task) ? this.#idleInTurn() : this.#loads.leastLoaded();
      // Nobody overtakes the first, not even a short task that has room: workers would never be
      // idle for a long one. The first of them to be idle ends the wait, so that none is idle
      // meanwhile.
      if (worker === null || !this.#hasRoom(worker, task)) return;
      if (sharers === 0) sharers = this.#loads.available;
      const share = Math.ceil(this.#backlog.length / sharers--);
      const batch = this.#takeBatch(worker, Math.min(share, this.#batchCount));
      this.#dispatch(worker.id, batch);
    }
  }

  #takeBatch(worker: WorkerLoad, most: number): T[] {
    const batch: T[] = [];
    let bytes = 0;
    let task = this.#backlog.first;
    do {
      bytes += task!.size;
      batch.push(this.#take(worker, task!));
      task = this.#backlog.first;
    } while (
      task !== null &&
      batch.length < most &&
      bytes + task.size <= this.#batchBytes &&
      this.#hasRoom(worker, task)
    );
    this.#outstanding += batch.length;
    this.#loads.update(worker);
    return batch;
  }

  #take(worker: WorkerLoad, { kind, alone }: T): T {
    const estimate = this.#estimates.of(kind);
    const time = estimate?.time ?? this.#turnTime;
    const charge = Math.min(Math.ceil(time), LONGEST_CHARGE);
    const task = this.#backlog.take(charge);
    task.worker = worker.id;
    this.#loads.charge(worker, task.size, charge);
    if (this.#isTogether(task)) {
      this.#hasTurn(worker);
      this.#loads.close(worker);
    } else if (estimate === undefined || alone) this.#loads.close(worker);
    else estimate.noteSent();
    return task;
  }

  #hasRoom(worker: WorkerLoad, task: T): boolean {
    const goesAlone = task.alone || this.#isTogether(task);
    const estimate = goesAlone ? undefined : this.#estimates.of(task.kind);
    return this.#loads.hasRoom(worker, task.size, estimate);
  }

  #isTogether({ kind }: T): boolean {
    return this.#together.size > 0 && this.#together.has(kind);
  }

  #hasTurn(worker: WorkerLoad | null | undefined): void {
    if (!worker) return;
    if (this.#inTurn.size === 0) this.#beginRound();
    this.#inTurn.delete(worker);
  }

  #idleInTurn(): WorkerLoad | null {
    if (this.#inTurn.size === 0) this.#beginRound();
    for (const worker of this.#inTurn) if (worker.count === 0) return worker;
    return null;
  }

  #beginRound(): void {
    for (const worker of this.#workers) if (worker !== null) this.#inTurn.add(worker);
  }

  #release(task: T, worker: WorkerLoad | null | undefined, latest: number): void {
    task.worker = -1;
    task.queue = null;
    if (!worker) return; // it was removed, with all that was outstanding at it
    this.#outstanding--;
    this.#loads.discharge(worker, task.size, task.charge, latest);
  }
}

// 17 minutes, so that a charge is a small integer to V8, which it keeps in the task itself.
const LONGEST_CHARGE = 2 ** 30;
