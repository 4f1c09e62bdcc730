import type { RunTimeEstimate } from './run_time_estimates.js';

/** A worker and the tasks outstanding at it. */
export interface WorkerLoad {
  readonly id: number;
  /** Tasks outstanding. */
  count: number;
  /** The time they were expected to take when they were dispatched, in microseconds. */
  charged: number;
  /** The time expected of a task like the one that ended last; 0 for an idle worker. */
  latest: number;
  /** Their size. */
  bytes: number;
  /** The list it is in, or FULL. */
  level: number;
  previous: WorkerLoad;
  next: WorkerLoad;
}

/** How much may be outstanding at one worker. */
export interface LoadLimits {
  /** Microseconds of expected run time. */
  time: number;
  /** Tasks. */
  count: number;
  /**
   * Bytes, unless two tasks alone are larger: while one runs, the next may be on its way. Small tasks do not count: they would
   * wait for what they could pass on its way.
   */
  bytes: number;
}

/**
 * Which worker has most room. Workers are kept in lists by level of load, so that to find one, and
 * to note a change, costs the same for four workers as for four thousand.
 */
export class WorkerLoads {
  readonly #limits: LoadLimits;
  readonly #levels: WorkerLoad[] = Array.from({ length: LEVELS }, createList);
  /** Bit n is set while level n has workers. */
  #occupied = 0;
  #available = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** How many workers have room. */
  get available(): number {
    return this.#available;
  }

  /** A new worker, idle. */
  add(id: number): WorkerLoad {
    const worker = createWorker(id);
    this.#link(worker, 0);
    return worker;
  }

  /** The worker gets no tasks any more. */
  remove(worker: WorkerLoad): void {
    this.#unlink(worker);
  }

  /**
   * The idle worker that was busy last, for its caches are hot; else one of those that have most
   * room; else null.
   */
  leastLoaded(): WorkerLoad | null {
    if (this.#occupied === 0) return null;
    const lowest = 31 - Math.clz32(this.#occupied & -this.#occupied);
    return this.#levels[lowest]!.next;
  }

  /**
   * True if a task may be sent to the worker: always if it is idle, else if all is expected to end
   * in time. Nothing can be expected of a task without estimate.
   */
  hasRoom(worker: WorkerLoad, size: number, estimate: RunTimeEstimate | undefined): boolean {
    if (worker.count === 0) return true;
    if (estimate === undefined || !estimate.trusted || worker.count >= this.#limits.count) {
      return false;
    }
    if (worker.count > 1 && worker.bytes + size > this.#limits.bytes && !this.#isSmall(size))
      return false;
    return outstandingTime(worker) + estimate.time <= this.#limits.time;
  }

  /** A task is sent to the worker. To be followed by {@link update} when all are. */
  charge(worker: WorkerLoad, size: number, time: number): void {
    worker.count++;
    worker.bytes += size;
    worker.charged += time;
  }

  /** The worker gets nothing more until it is idle. */
  close(worker: WorkerLoad): void {
    worker.charged = this.#limits.time + 1;
  }

  /**
   * A task is no longer outstanding. `latest` is the time now expected of a task like it, where it
   * has run.
   */
  discharge(worker: WorkerLoad, size: number, time: number, latest: number): void {
    worker.count--;
    worker.bytes -= size;
    worker.charged = worker.count === 0 ? 0 : worker.charged - time;
    worker.latest = worker.count === 0 ? 0 : latest;
    if (this.#levelOf(worker) !== worker.level) this.update(worker);
  }

  /** Moves the worker to the list of its present load, behind those that have waited there. */
  update(worker: WorkerLoad): void {
    this.#unlink(worker);
    this.#link(worker, this.#levelOf(worker));
  }

  // It passes large ones on its way, and as many as may be outstanding are no more bytes than may be.
  #isSmall(size: number): boolean {
    return size * this.#limits.count <= this.#limits.bytes;
  }

  #levelOf(worker: WorkerLoad): number {
    if (worker.count === 0) return 0;
    const { time, count, bytes } = this.#limits;
    const bytesLoad = worker.count === 1 ? 0 : Math.min(worker.bytes / bytes, 1 / 2);
    const load = Math.max(outstandingTime(worker) / time, worker.count / count, bytesLoad);
    // Large tasks fill it for other large ones only: it comes last, and small tasks still go there.
    // Not before half of what it may have is done: else every few results that come back would make
    // a small message, for ever (the silly window syndrome of TCP, RFC 813).
    return load <= 1 / 2 ? 1 + Math.floor(load * 2 * (LEVELS - 2)) : FULL;
  }

  #link(worker: WorkerLoad, level: number): void {
    worker.level = level;
    if (level === FULL) return;
    const list = this.#levels[level]!;
    // Idle workers first in, last out; the others take turns.
    const before = level === 0 ? list : list.previous;
    worker.previous = before;
    worker.next = before.next;
    before.next.previous = worker;
    before.next = worker;
    this.#occupied |= 1 << level;
    this.#available++;
  }

  #unlink(worker: WorkerLoad): void {
    const { level, previous, next } = worker;
    if (level === FULL) return;
    previous.next = next;
    next.previous = previous;
    worker.level = FULL;
    if (previous === next && next === this.#levels[level]) this.#occupied &= ~(1 << level);
    this.#available--;
  }
}

const LEVELS = 10;
const FULL = -1;

// The time is expected twice, and the longer one counts: as it was when the tasks were sent, and as
// if all were like the one that ended last. So a worker that got a hundred tasks before they proved
// to be long is seen to be full.
function outstandingTime(worker: WorkerLoad): number {
  return Math.max(worker.charged, worker.count * worker.latest);
}

function createWorker(id: number): WorkerLoad {
  const worker = { id, count: 0, charged: 0, latest: 0, bytes: 0, level: FULL } as WorkerLoad;
  worker.previous = worker;
  worker.next = worker;
  return worker;
}

function createList(): WorkerLoad {
  return createWorker(-1);
}
