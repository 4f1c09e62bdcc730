/**
 * A cluster with a virtual clock: workers that take known times, messages that take a known time,
 * and a scheduler between them. No test that uses it depends on the speed of the machine it runs
 * on.
 */
import { Scheduler, SILENCE, type SchedulerOptions } from '../../lib/scheduling/scheduler.js';
import type { Schedulable, TaskQueue } from '../../lib/scheduling/task_queue.js';

type OwnOptions = 'dispatch' | 'callBack' | 'begins' | 'now';

export interface ClusterOptions extends Omit<SchedulerOptions<SimulatedTask>, OwnOptions> {
  workers: number;
  /** What was sent and has not begun can be called back; default true. */
  givesBack?: boolean;
  /** Milliseconds that a message takes, in either direction. */
  latency?: number;
}

let created = 0;

export class SimulatedTask implements Schedulable {
  /** Tells it from others of the same kind where tests compare. */
  readonly id = created++;
  readonly kind: number;
  readonly size: number;
  readonly alone: boolean;
  /** Milliseconds. */
  readonly runTime: number;
  worker = -1;
  charge = 0;
  queue: Schedulable['queue'] = null;
  previous: Schedulable | null = null;
  next: Schedulable | null = null;

  /** Times its end was reported: once, if all is well. */
  completions = 0;
  /** Times it began. */
  begins = 0;
  /** Which of its sendings counts: the others were called back, or went to a worker that was lost. */
  sending = 0;
  hasBegun = false;
  /** Times its worker was lost while it ran, or its result was on its way. */
  losses = 0;
  submittedAt = NaN;
  completedAt = NaN;

  constructor(
    runTime: number,
    { kind = 0, size = 40, alone = false }: { kind?: number; size?: number; alone?: boolean } = {},
  ) {
    this.runTime = runTime;
    this.kind = kind;
    this.size = size;
    this.alone = alone;
  }

  /** Milliseconds from its submission to its end. */
  get latency(): number {
    return this.completedAt - this.submittedAt;
  }
}

/** A message with tasks, as the master saw it leave. */
export interface Dispatched {
  worker: number;
  tasks: readonly SimulatedTask[];
  at: number;
  /** Tasks outstanding at the worker before. */
  ahead: number;
  /** Run time outstanding at the worker with the message, in milliseconds: the true one. */
  outstandingTime: number;
}

interface Received {
  readonly task: SimulatedTask;
  readonly sending: number;
}

class SimulatedWorker {
  readonly queue: Received[] = [];
  readonly sent = new Set<SimulatedTask>();
  finished: SimulatedTask[] = [];
  running = false;
  alive = true;
  busyTime = 0;
  lastReport = 0;
}

export class SimulatedCluster {
  readonly scheduler: Scheduler<SimulatedTask>;
  readonly dispatched: Dispatched[] = [];
  now = 0;
  /** How many tasks were called back. */
  calledBack = 0;
  readonly #givesBack: boolean;
  readonly #latency: number;
  readonly #workers: SimulatedWorker[] = [];
  readonly #agenda = new Agenda();
  readonly #queueOf = new Map<SimulatedTask, TaskQueue<SimulatedTask>>();
  readonly #onCompleted = new Map<SimulatedTask, () => void>();

  constructor({ workers, latency = 0.05, givesBack = true, ...options }: ClusterOptions) {
    this.#latency = latency;
    this.#givesBack = givesBack;
    this.scheduler = new Scheduler({
      dispatch: (worker, batch) => this.#dispatch(worker, batch),
      callBack: (task) => this.#withdraw(task),
      now: () => this.now,
      ...options,
    });
    for (let index = 0; index < workers; index++) this.addWorker();
  }

  /** Sum of the times that workers were busy, in milliseconds. */
  get busyTime(): number {
    return this.#workers.reduce((sum, { busyTime }) => sum + busyTime, 0);
  }

  addWorker(): number {
    this.#workers.push(new SimulatedWorker());
    return this.scheduler.addWorker(this.#givesBack);
  }

  /** True if the task waits again: it was sent, and has not begun. */
  callBack(task: SimulatedTask): boolean {
    if (task.worker === -1 || !this.#withdraw(task)) return false;
    this.scheduler.calledBack(task);
    return true;
  }

  #withdraw(task: SimulatedTask): boolean {
    if (task.hasBegun || !this.#givesBack) return false;
    task.sending++;
    this.#workers[task.worker]!.sent.delete(task);
    this.calledBack++;
    return true;
  }

  /** Submits a task now; it is dispatched in this turn of the clock. */
  submit(
    queue: TaskQueue<SimulatedTask>,
    task: SimulatedTask,
    onCompleted?: () => void,
  ): SimulatedTask {
    task.submittedAt = this.now;
    this.#queueOf.set(task, queue);
    if (onCompleted !== undefined) this.#onCompleted.set(task, onCompleted);
    queue.push(task);
    return task;
  }

  /** Does something at a time to come. */
  at(time: number, action: () => void): void {
    this.#agenda.add(time, action);
  }

  /**
   * The worker dies now, with all it has; the master learns it a message later and requeues its
   * tasks.
   */
  kill(id: number): void {
    const worker = this.#workers[id]!;
    worker.alive = false;
    this.at(this.now + this.#latency, () => {
      this.scheduler.removeWorker(id);
      const lost = [...worker.sent].reverse();
      for (const task of lost) {
        task.sending++;
        if (task.hasBegun) task.losses++;
        task.hasBegun = false;
        this.#queueOf.get(task)!.requeue(task);
      }
    });
  }

  /** Lets time pass until nothing is left to do, or until `end`. */
  run(end = Number.MAX_VALUE): this {
    let lookAt = Infinity;
    for (;;) {
      const look = this.scheduler.dispatchAll();
      if (this.now >= lookAt) lookAt = Infinity;
      if (look) lookAt = Math.min(lookAt, this.now + SILENCE);
      const { nextTime } = this.#agenda;
      if (nextTime > end || nextTime === Infinity) return this;
      this.now = Math.min(nextTime, lookAt);
      while (this.#agenda.nextTime <= this.now) this.#agenda.take()();
    }
  }

  #dispatch(id: number, tasks: readonly SimulatedTask[]): void {
    const worker = this.#workers[id]!;
    const ahead = worker.sent.size;
    for (const task of tasks) worker.sent.add(task);
    const outstandingTime = [...worker.sent].reduce((sum, { runTime }) => sum + runTime, 0);
    this.dispatched.push({ worker: id, tasks, at: this.now, ahead, outstandingTime });
    const batch = tasks.map((task) => ({ task, sending: task.sending }));
    this.at(this.now + this.#latency, () => {
      worker.queue.push(...batch);
      dropCalledBack(worker.queue);
      if (!worker.running) this.#startNext(worker);
    });
  }

  #startNext(worker: SimulatedWorker): void {
    const received = worker.queue.shift();
    worker.running = received !== undefined && worker.alive;
    if (!worker.running) return;
    const { task } = received!;
    task.hasBegun = true;
    task.begins++;
    this.at(this.now + task.runTime, () => {
      if (!worker.alive) return;
      worker.busyTime += task.runTime;
      worker.finished.push(task);
      dropCalledBack(worker.queue);
      this.#report(worker);
      this.#startNext(worker);
    });
  }

  // Like real workers, sends results together, but none waits for more than a millisecond, or four while more is left than was done.
  #report(worker: SimulatedWorker): void {
    const { finished, queue } = worker;
    const longest = queue.length > finished.length ? 4 : 1;
    if (queue.length > 0 && this.now - worker.lastReport < longest) return;
    worker.finished = [];
    worker.lastReport = this.now;
    this.at(this.now + this.#latency, () => {
      if (!worker.alive) return;
      for (const task of finished) this.#complete(worker, task);
    });
  }

  #complete(worker: SimulatedWorker, task: SimulatedTask): void {
    worker.sent.delete(task);
    task.completions++;
    task.completedAt = this.now;
    this.scheduler.completed(task, task.runTime);
    this.#onCompleted.get(task)?.();
  }
}

/** Up to the next one that is to run. */
function dropCalledBack(queue: Received[]): void {
  while (queue.length > 0 && queue[0]!.sending !== queue[0]!.task.sending) queue.shift();
}

/**
 * Events by their time, first the earliest: a binary heap. An event at the same time as another one
 * happens in the order in which it was added.
 */
export class Agenda {
  readonly #heap: { time: number; order: number; action: () => void }[] = [];
  #added = 0;

  get nextTime(): number {
    return this.#heap[0]?.time ?? Infinity;
  }

  add(time: number, action: () => void): void {
    const heap = this.#heap;
    heap.push({ time, order: this.#added++, action });
    for (let place = heap.length - 1; place > 0 && this.#isEarlier(place, (place - 1) >> 1);) {
      this.#swap(place, (place - 1) >> 1);
      place = (place - 1) >> 1;
    }
  }

  take(): () => void {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    const { action } = heap.pop()!;
    for (let place = 0; ;) {
      let first = place;
      for (const below of [2 * place + 1, 2 * place + 2]) {
        if (below < heap.length && this.#isEarlier(below, first)) first = below;
      }
      if (first === place) return action;
      this.#swap(place, first);
      place = first;
    }
  }

  #isEarlier(one: number, other: number): boolean {
    const { time, order } = this.#heap[one]!;
    const than = this.#heap[other]!;
    return time < than.time || (time === than.time && order < than.order);
  }

  #swap(one: number, other: number): void {
    const heap = this.#heap;
    [heap[one], heap[other]] = [heap[other]!, heap[one]!];
  }
}
