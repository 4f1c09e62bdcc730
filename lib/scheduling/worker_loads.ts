import type { RunTimeEstimate } from './run_time_estimates.js';
import type { Schedulable } from './task_queue.js';

/** A worker with the tasks outstanding at it. */
export interface WorkerLoad {
  readonly id: number;
  /** True if tasks that it has not begun can be called back. */
  readonly givesBack: boolean;
  /** The number of tasks that it may still be sent. */
  quota: number;
  /** True if it gets nothing more whatever its quota. */
  retired: boolean;
  /** True if the worker gets nothing more until it is idle. */
  closed: boolean;
  /** The time in milliseconds when it was last heard of, or was sent a task while it was idle. */
  heard: number;
  /** The tasks outstanding, linked in the order in which they were sent. */
  first: Schedulable | null;
  last: Schedulable | null;
  /** The number of outstanding tasks. */
  count: number;
  /** The expected run time of these tasks when they were dispatched, in microseconds. */
  charged: number;
  /** The expected run time of a task like the one that ended last; 0 for an idle worker. */
  latest: number;
  /** The size of these tasks in bytes. */
  bytes: number;
  /** The list that the worker is in, or FULL. */
  level: number;
  previous: WorkerLoad;
  next: WorkerLoad;
}

/** The limits for the tasks outstanding at one worker. */
export interface LoadLimits {
  /** The expected run time in microseconds. */
  time: number;
  /** The number of tasks. */
  count: number;
  /**
   * The size in bytes. Two tasks may exceed it, so that the next one can be sent while one runs. Small tasks do not count:
   * they would wait for large ones that they could pass on the way.
   */
  bytes: number;
}

/**
 * Finds the worker with most room. Workers are kept in lists by level of load, so that finding one, and changing a
 * load, costs the same for four workers as for four thousand.
 */
export class WorkerLoads {
  readonly #limits: LoadLimits;
  readonly #levels: WorkerLoad[] = Array.from({ length: LEVELS }, createList);
  /** Bit n is set while level n has workers. */
  #occupied = 0;
  #available = 0;
  #idle = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** The number of workers with room. */
  get available(): number {
    return this.#available;
  }

  /** The number of workers that have nothing outstanding. */
  get idle(): number {
    return this.#idle;
  }

  /** Adds an idle worker. */
  add(id: number, givesBack: boolean, quota: number): WorkerLoad {
    const worker = createWorker(id, givesBack, quota);
    this.#link(worker, 0);
    return worker;
  }

  /** Removes a worker, which gets no more tasks. */
  remove(worker: WorkerLoad): void {
    this.#unlink(worker);
    for (let task = worker.first; task !== null;) {
      const { next } = task;
      task.previous = task.next = null;
      task = next;
    }
    worker.first = worker.last = null;
  }

  /**
   * The idle worker that was busy last, because its caches are hot; otherwise one of those with most room; null if none
   * has room.
   */
  leastLoaded(): WorkerLoad | null {
    if (this.#occupied === 0) return null;
    const lowest = 31 - Math.clz32(this.#occupied & -this.#occupied);
    return this.#levels[lowest]!.next;
  }

  /**
   * True if a task may be sent to the worker: always if it is idle, else if all is expected to end
   * in time. Nothing can be expected of a task without estimate. One task may always be ahead where
   * it can be called back, unless it would wait for a much longer one.
   */
  hasRoom(worker: WorkerLoad, size: number, estimate: RunTimeEstimate | undefined): boolean {
    if (worker.quota === 0) return false;
    if (worker.count === 0) return true;
    if (estimate === undefined || worker.closed) return false;
    if (this.#mayHaveOneAhead(worker)) {
      const longest = Math.max(this.#limits.time, 2 * estimate.time);
      if (estimate.time <= LONGEST_AHEAD && worker.charged <= longest) return true;
    }
    if (!estimate.trusted || worker.count >= this.#limits.count) return false;
    if (worker.count > 1 && worker.bytes + size > this.#limits.bytes && !this.#isSmall(size))
      return false;
    return outstandingTime(worker) + estimate.time <= this.#limits.time;
  }

  /** Notes that a task is sent to the worker, with its charge. To be followed by one {@link update} for all tasks of a message. */
  charge(worker: WorkerLoad, task: Schedulable): void {
    worker.quota--;
    worker.count++;
    worker.bytes += task.size;
    worker.charged += task.charge;
    task.previous = worker.last;
    if (worker.last === null) worker.first = task;
    else worker.last.next = task;
    worker.last = task;
  }

  /** Notes that a task is no longer outstanding. `latest` is the time now expected of a task like it, if it has run. */
  discharge(worker: WorkerLoad, task: Schedulable, latest: number): void {
    unlinkTask(worker, task);
    worker.count--;
    worker.bytes -= task.size;
    worker.charged = worker.count === 0 ? 0 : worker.charged - task.charge;
    worker.latest = worker.count === 0 ? 0 : latest;
    if (worker.count === 0) worker.closed = false;
    if (this.#levelOf(worker) !== worker.level) this.update(worker);
  }

  /** Moves the worker to the list of its present load, behind those that are already there. */
  update(worker: WorkerLoad): void {
    this.#unlink(worker);
    this.#link(worker, this.#levelOf(worker));
  }

  // Small tasks overtake large ones on the way. As many of them as may be outstanding do not exceed the limit of bytes.
  #isSmall(size: number): boolean {
    return size * this.#limits.count <= this.#limits.bytes;
  }

  #levelOf(worker: WorkerLoad): number {
    if (worker.quota === 0) return FULL;
    if (worker.count === 0) return 0;
    if (worker.closed) return FULL;
    const { time, count, bytes } = this.#limits;
    const bytesLoad = worker.count === 1 ? 0 : Math.min(worker.bytes / bytes, 1 / 2);
    const load = Math.max(outstandingTime(worker) / time, worker.count / count, bytesLoad);
    // A worker that is full of large tasks still gets small ones, but as the last choice. A worker
    // gets more tasks only when half of its limit is done: otherwise every few results would cause
    // a small message, for ever (the silly window syndrome of TCP, RFC 813).
    if (load <= 1 / 2) return 1 + Math.floor(load * 2 * (LAST - 2));
    return this.#mayHaveOneAhead(worker) && worker.charged <= LONGEST_AHEAD ? LAST : FULL;
  }

  #mayHaveOneAhead(worker: WorkerLoad): boolean {
    return worker.givesBack && worker.count === 1;
  }

  #link(worker: WorkerLoad, level: number): void {
    worker.level = level;
    if (level === FULL) return;
    const list = this.#levels[level]!;
    // Idle workers: last in, first out. The others take turns.
    const before = level === 0 ? list : list.previous;
    worker.previous = before;
    worker.next = before.next;
    before.next.previous = worker;
    before.next = worker;
    this.#occupied |= 1 << level;
    this.#available++;
    if (level === 0) this.#idle++;
  }

  #unlink(worker: WorkerLoad): void {
    const { level, previous, next } = worker;
    if (level === FULL) return;
    previous.next = next;
    next.previous = previous;
    worker.level = FULL;
    if (previous === next && next === this.#levels[level]) this.#occupied &= ~(1 << level);
    this.#available--;
    if (level === 0) this.#idle--;
  }
}

const LEVELS = 11;
/** The level of workers that may have no more than one task ahead. */
const LAST = LEVELS - 1;
const FULL = -1;
// Microseconds. No task is sent ahead behind a longer one: the round trip would save only a few
// thousandths of its time, and the task behind it would wait.
const LONGEST_AHEAD = 100_000;

/** Takes a task out of those that are outstanding at the worker. */
function unlinkTask(worker: WorkerLoad, task: Schedulable): void {
  const { previous, next } = task;
  if (previous === null) worker.first = next;
  else previous.next = next;
  if (next === null) worker.last = previous;
  else next.previous = previous;
  task.previous = task.next = null;
}

/**
 * Microseconds until all outstanding tasks are expected to have ended.
 *
 * It is expected twice, and the longer time counts: as it was when the tasks were sent, and as if
 * all were like the one that ended last. So a worker that got a hundred tasks before they proved to
 * be long is seen to be full.
 */
export function outstandingTime(worker: WorkerLoad): number {
  return Math.max(worker.charged, worker.count * worker.latest);
}

function createWorker(id: number, givesBack: boolean, quota: number): WorkerLoad {
  const worker = {
    id,
    givesBack,
    quota,
    retired: false,
    closed: false,
    heard: 0,
    first: null,
    last: null,
    count: 0,
    charged: 0,
    latest: 0,
    bytes: 0,
    level: FULL,
  } as unknown as WorkerLoad;
  worker.previous = worker;
  worker.next = worker;
  return worker;
}

function createList(): WorkerLoad {
  return createWorker(-1, false, 0);
}
