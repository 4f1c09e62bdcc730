import { RunTimeEstimates } from './run_time_estimates.js';
import { Backlog, type LinkedTaskQueue, type Schedulable, type TaskQueue } from './task_queue.js';
import { outstandingTime, WorkerLoads, type WorkerLoad } from './worker_loads.js';

/** How a scheduler sends tasks, and the limits for sending ahead. */
export interface SchedulerOptions<T> {
  /** Sends tasks to a worker, in this order. Each call makes one message. */
  dispatch(worker: number, batch: readonly T[]): void;
  /**
   * Takes a task back from its worker; false if it has begun there, or cannot be sent again. Asked
   * of workers only that give back.
   */
  callBack?(task: T): boolean;
  /** Called when a task was sent and no other is before it at its worker: as far as is known, it runs. */
  begins?(task: T): void;
  /** Called when a worker has no more tasks and gets none, because its quota is used up or it was retired. */
  spent?(worker: number): void;
  /** The time in milliseconds, by which the scheduler knows how long workers have been silent. Default: no time passes. */
  now?(): number;
  /** The largest expected run time of the tasks outstanding at one worker, in milliseconds; default 10. */
  aheadTime?: number;
  /** The largest number of tasks outstanding at one worker; default 256. */
  aheadCount?: number;
  /**
   * The largest number of bytes outstanding at one worker; default 16 MiB. One more task may always be sent while
   * another runs, however large it is.
   */
  aheadBytes?: number;
  /**
   * The largest number of tasks in one message; default 128: with two messages pending, a worker never waits for one.
   */
  batchCount?: number;
  /** The largest number of bytes in one message; default 65 536. A larger task is sent alone. */
  batchBytes?: number;
}

/**
 * Decides which task goes to which worker, and when. Pure: it has no messages, promises or clocks.
 *
 * A task of a kind that never ran, or that is to be alone, waits for an idle worker and is the only
 * one there. Tasks known to be short are sent ahead, many in one message, as long as the worker is
 * expected to be through with them within `aheadTime`. Where tasks can be called back, one more is
 * ahead while another runs, though it is long: a worker never waits for it. Queues get equal shares
 * of the workers' time, whatever the number and the length of their tasks.
 *
 * Tasks that have not begun are called back from a worker where they wait too long: when another worker has
 * nothing to do, or when the task that runs before them takes far longer than expected.
 *
 * Tasks that work together, each waiting for the others, go one to each worker: none gets its second before all have
 * had their first.
 *
 * All costs are constant per task, amortised, for any number of workers. Changing from one queue to the next costs
 * O(log n) for the n queues that have tasks.
 */
export class Scheduler<T extends Schedulable> {
  readonly #options: SchedulerOptions<T>;
  readonly #batchCount: number;
  readonly #batchBytes: number;
  readonly #turnTime: number;
  readonly #backlog: Backlog<T>;
  readonly #estimates: RunTimeEstimates;
  readonly #loads: WorkerLoads;
  readonly #workers: (WorkerLoad | null)[] = [];
  #workerCount = 0;
  #outstanding = 0;
  /** The worker that is looked at next for tasks to call back. */
  #lookAt = 0;
  /** The kinds of tasks that work together. */
  readonly #together = new Set<number>();
  /** The workers that have not yet had their task of this kind in the present round. */
  readonly #inTurn = new Set<WorkerLoad>();

  constructor(options: SchedulerOptions<T>) {
    const { aheadTime = 10, aheadCount = 256, aheadBytes = 1 << 24 } = options;
    const { batchCount = 128, batchBytes = 65_536 } = options;
    const aheadMicroseconds = aheadTime * 1000;
    this.#options = options;
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

  /** The number of tasks that wait in queues. */
  get queued(): number {
    return this.#backlog.length;
  }

  /** The number of tasks that were dispatched and have not ended. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The present number of workers. */
  get workers(): number {
    return this.#workerCount;
  }

  /**
   * Adds a worker, which is idle. Returns its number: 0, 1, 2 …, or that of the removed worker whose place it takes.
   *
   * @param givesBack tasks that it has not begun can be called back
   * @param quota the number of tasks that it may be sent
   */
  addWorker(givesBack = false, quota = Infinity, id = this.#workers.length): number {
    this.#workers[id] = this.#loads.add(id, givesBack, quota);
    this.#workerCount++;
    return id;
  }

  /** Sends nothing more to a worker, and calls back what it has not begun, as far as that is possible. */
  retire(id: number): void {
    const worker = this.#workers[id];
    if (!worker || worker.retired) return;
    if (isAhead(worker)) this.#callBack(worker, worker.count);
    worker.quota = 0;
    worker.retired = true;
    this.#loads.update(worker);
    if (worker.count === 0) this.#options.spent?.(id);
  }

  /**
   * Removes a worker that was lost, or is about to be. The caller must requeue or fail those of its tasks that were not
   * completed.
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

  /** Makes a queue for one executor. */
  createQueue(): TaskQueue<T> {
    return this.#backlog.createQueue();
  }

  /** Notes that tasks of this kind work together. Those in `sent` were already sent. */
  worksTogether(kind: number, sent: Iterable<T>): void {
    this.#together.add(kind);
    for (const task of sent) this.#hasTurn(this.#workers[task.worker]);
  }

  /** Notes that the task has ended after `runTime` milliseconds, as measured on its worker. */
  completed(task: T, runTime: number): void {
    const worker = this.#workers[task.worker];
    const time = runTime * 1000;
    if (worker) worker.heard = this.#now();
    const estimate = this.#estimates.noteRun(task.kind, time);
    this.#backlog.correct(task, time - task.charge);
    this.#release(task, worker, Math.ceil(estimate.time));
  }

  /**
   * Notes that the task is no longer outstanding, without a run time for its kind, for example because it was
   * cancelled.
   */
  released(task: T): void {
    const worker = this.#workers[task.worker];
    if (worker && !worker.retired) worker.quota++;
    if (!task.alone) this.#estimates.of(task.kind)?.noteReleased();
    this.#release(task, worker, worker?.latest ?? 0);
  }

  /** Notes that the task was called back from its worker: it is again the first in its queue. */
  calledBack(task: T): void {
    const queue = task.queue as LinkedTaskQueue<T>;
    this.#backlog.correct(task, -task.charge);
    this.released(task);
    queue.requeue(task);
  }

  /**
   * Sends what can be sent now. The pool calls it once in each turn of the event loop in which something has changed. True if
   * the pool must call it again in {@link SILENCE} ms, even if nothing changes.
   */
  dispatchAll(): boolean {
    if (this.#backlog.length > 0) this.#relieveSilent();
    this.#sendQueued(0);
    return this.#helpIdle();
  }

  /** @param sharers the number of workers among which the tasks are divided; 0: all that have room */
  #sendQueued(sharers: number): void {
    for (let task = this.#backlog.first; task !== null; task = this.#backlog.first) {
      const worker = this.#isTogether(task) ? this.#idleInTurn() : this.#loads.leastLoaded();
      // No task overtakes the first one, not even a short one for which there is room: otherwise
      // no worker would ever become idle for a long task. The wait ends when the first worker is
      // idle, so no worker stays idle.
      if (worker === null || !this.#hasRoom(worker, task)) return;
      if (sharers === 0) sharers = this.#loads.available;
      const share = Math.ceil(this.#backlog.length / sharers--);
      const batch = this.#takeBatch(worker, Math.min(share, this.#batchCount));
      this.#options.dispatch(worker.id, batch);
    }
  }

  /** True while a worker has a task that is not the first there. */
  get #anyAhead(): boolean {
    return this.#outstanding > this.#workerCount - this.#loads.idle;
  }

  /** Called while there are tasks, and workers for them: no task may wait behind one that takes unexpectedly long. */
  #relieveSilent(): void {
    if (!this.#anyAhead) return;
    // Looks at a few workers per call; the next call goes on with the others.
    for (let look = 0; look < 2; look++) {
      const worker = this.#nextWorker();
      if (worker !== null && isAhead(worker) && this.#isSilent(worker)) this.#relieve(worker);
    }
  }

  /** While nothing waits and a worker is idle, it gets half of what another one has not begun. */
  #helpIdle(): boolean {
    if (this.#options.callBack === undefined) return false;
    let looks = Math.min(this.#workers.length, MOST_LOOKS);
    let lookAgain = looks < this.#workers.length;
    while (this.#backlog.length === 0 && this.#loads.idle > 0 && this.#anyAhead) {
      if (looks-- === 0) return lookAgain;
      const worker = this.#nextWorker();
      if (worker === null || !isAhead(worker)) continue;
      if (this.#isSilent(worker)) this.#relieve(worker);
      else if (outstandingTime(worker) >= WORTH_MOVING) this.#callBack(worker, worker.count >> 1);
      else lookAgain = true;
      this.#sendQueued(this.#loads.idle);
    }
    return false;
  }

  #nextWorker(): WorkerLoad | null {
    if (this.#lookAt >= this.#workers.length) this.#lookAt = 0;
    return this.#workers[this.#lookAt++] ?? null;
  }

  /** True if it should have answered long since. */
  #isSilent({ heard, first }: WorkerLoad): boolean {
    return this.#now() - heard > SILENCE + (2 * first!.charge) / 1000;
  }

  /** Lets no task wait behind the first one of this worker, which may take long. */
  #relieve(worker: WorkerLoad): void {
    this.#callBack(worker, worker.count);
    worker.closed = true;
    this.#loads.update(worker);
  }

  /** Calls back the tasks that were sent last, so that the others keep their order. */
  #callBack({ first, last }: WorkerLoad, most: number): void {
    let count = 0;
    for (let task = last; task !== first && count < most;) {
      const before = task!.previous;
      if (this.#options.callBack!(task as T)) {
        this.calledBack(task as T);
        count++;
      }
      task = before;
    }
  }

  #now(): number {
    return this.#options.now?.() ?? 0;
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
    if (worker.count === 0) worker.heard = this.#now();
    const estimate = this.#estimates.of(kind);
    const time = estimate?.time ?? this.#turnTime;
    const charge = Math.min(Math.ceil(time), LONGEST_CHARGE);
    const task = this.#backlog.take(charge);
    task.worker = worker.id;
    this.#loads.charge(worker, task);
    if (!worker.givesBack || worker.first === task) this.#options.begins?.(task);
    const together = this.#isTogether(task);
    if (together) this.#hasTurn(worker);
    if (together || estimate === undefined || alone) worker.closed = true;
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
    if (!worker) return; // the worker was removed, with everything outstanding at it
    this.#outstanding--;
    const { first } = worker;
    this.#loads.discharge(worker, task, latest);
    if (worker.count === 0 && worker.quota === 0) this.#options.spent?.(worker.id);
    if (worker.givesBack && worker.first !== null && worker.first !== first)
      this.#options.begins?.(worker.first as T);
  }
}

function isAhead(worker: WorkerLoad): boolean {
  return worker.givesBack && worker.count > 1;
}

// The number of workers looked at per call, so that the cost does not grow with their number.
const MOST_LOOKS = 64;
/** Milliseconds after which a worker should have been heard of: results wait there for each other for up to four. */
export const SILENCE = 5;
// Microseconds of expected work: moving less than that takes longer than the work.
const WORTH_MOVING = 300;

// Microseconds, 17 minutes: so a charge is a small integer, which V8 stores in the task itself.
const LONGEST_CHARGE = 2 ** 30;
