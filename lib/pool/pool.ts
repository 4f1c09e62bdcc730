/**
 * A pool: workers from a source, tasks from its clients, the scheduler in between.
 *
 *     main thread of the program                      its MPI thread          a worker
 *     ──────────────────────────                      ──────────────          ────────
 *     submit(fn, …args)
 *        │  TaskEncoder: fn → id, args → text or bytes: a PoolTask
 *        ▼
 *     Client (one per executor)
 *        │  gives it a Future, and a place in its TaskQueue
 *        ▼
 *     Scheduler: which task, to which worker  ◄────┐
 *        │  once per turn of the event loop        │
 *        ▼                                         │
 *     BatchWriter: one message per worker          │
 *        ▼                                         │
 *     WorkerLink ─► Channel ────────────────────── │ ─► packets, bulk ────► TaskServer
 *                                                  │                           │  its steps, first come, first served
 *     settle: decode, resolve the Future ──────────┘                           ▼
 *        ▲                                                                  TaskLoop: one task after another
 *        │  one call for all that has come together                            │  BatchWriter: one message of results
 *     Pool.message ◄─ Channel ◄──────────────────── Inbox ◄────────────────────┘
 *
 * Workers that are threads of this process get the same messages by a ring or a MessagePort (lib/workers/threads/thread_channel.ts), and
 * no MPI thread is between. With `isolate` the worker's process is a keeper that passes messages on, and TaskServer and TaskLoop are
 * in a child process, its sandbox: docs/design/isolation.md.
 *
 * | who          | owns                                                                                              |
 * | ------------ | ------------------------------------------------------------------------------------------------- |
 * | Pool         | its workers, by number; what was answered and is being decoded                                    |
 * | Clients      | the executors that share the workers, and what they have said to their set-ups                    |
 * | LostWorkers  | which workers are lost, and the starts of others in their places                                  |
 * | PooledWorker | the tasks in flight to it, by id; which functions it has been told of, and those it has told of   |
 * | Client       | its queue, the number of its unfinished tasks, its statistics                                     |
 * | SetUp        | which workers have not answered the set-up of a client, and how long they may take                |
 * | Abandoned-   | tasks in flight whose futures are done already, and when their workers are ended                  |
 * |   Tasks      |                                                                                                   |
 * | PoolTask     | its encoded arguments as long as they may be sent, its future, its limits                         |
 * | Scheduler    | how much is outstanding at each worker, and how long tasks of a kind run                          |
 * | WorkerSource | processes or threads: their start, their end, how their loss is noticed                           |
 * | Sandbox      | of an isolated worker: whether it runs, how it has ended, whether all that it had sent is here    |
 * | MPI thread   | every call of MPI, requests, what is sent and not yet received                                    |
 *
 * What happens when a worker dies: lost_workers.ts. The way of one task, file by file: docs/design/architecture.md.
 */

import { BrokenExecutorError, WorkerLostError } from '../errors.js';
import { cancelFuture, requeueFuture, startFuture } from '../futures/future.js';
import {
  BatchWriter,
  functionsNamedIn,
  readBatch,
  resultFlags,
  valueOf,
  type BatchEntry,
} from '../tasks/batches.js';
import { withCopiedBuffers } from '../values/encoded_value.js';
import type { FunctionDefinition } from '../functions/function_definition.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type ClientReady,
  type ClockReading,
  type TaskProgress,
} from '../tasks/messages.js';
import { addPlace } from '../tasks/remote_error.js';
import { encodeAbort } from '../tasks/task_abort.js';
import type { Snapshot } from '../values/buffers/snapshot.js';
import { unpackWith } from '../values/value_codec.js';
import { AbandonedTasks, type PoolWithAbandoned } from './abandoned_tasks.js';
import { LostWorkers, type PoolWithLosses } from './lost_workers.js';
import {
  publishJoin,
  publishLoss,
  publishSpawnEnd,
  publishSpawnStart,
  publishTaskEnd,
  taskEnd,
} from './channels.js';
import type { PoolTask } from './pool_task.js';
import { warnIfNotThere } from './inspected_worker.js';
import { PooledWorker } from './pooled_worker.js';
import { reportsUnderWay, taskReported } from './task_progress.js';
import { Scheduler, SILENCE } from '../scheduling/scheduler.js';
import type { Client, ClientOptions, Recycling } from './client.js';
import { Clients, type PoolWithClients } from './clients.js';
import { isWorker } from '../process/program_or_worker.js';
import { PoolTracer, type Collection } from '../tracing/pool_tracer.js';
import { endTrace, traceToFile } from '../tracing/trace_file.js';
import { presentMoment, type Moment, type WorkerPlace } from './statistics.js';
import { SentDefinitions } from './sent_definitions.js';
import type { WorkerEvents, WorkerLink, WorkerSource } from '../workers/worker_source.js';

const notIsolated =
  'The ranks of this program, which all executors share, are not isolated: give the first executor isolate: true, or set ' +
  'MPI_FUTURES_ISOLATE=1 (mpi-futures --isolate)';

/**
 * The number of tasks after which a flush is not put off, so that workers begin before a long synchronous loop of
 * submits has ended.
 */
const tasksPerEarlyFlush = 256;

/** The largest size, in bytes, of arguments that are kept until their task has ended: see {@link isSmall}. */
const mostKept = 1 << 16;

/** Connects the workers of one source with the tasks of its clients: see the diagram at the head of this file. */
export class Pool implements WorkerEvents, PoolWithClients, PoolWithLosses, PoolWithAbandoned {
  /** The workers by number, including the lost ones. */
  workers: readonly PooledWorker[] = [];
  /** Records what the workers do, while anybody wants to know. */
  readonly tracer = new PoolTracer();
  readonly #source: WorkerSource;
  readonly #scheduler: Scheduler<PoolTask>;
  readonly #writer = new BatchWriter(MessageKind.tasks, false);
  /** Tasks that workers have not answered: in each one's {@link PooledWorker.sent}. */
  #inFlight = 0;
  /** Tasks that were answered, while functions that their results name are loaded. */
  readonly #answered = new Set<PoolTask>();
  readonly abandoned = new AbandonedTasks(this);
  /** The workers that get no more tasks and have answered all of theirs: another one takes the place of each. */
  readonly #spent: number[] = [];
  readonly clients = new Clients(this);
  readonly definitions: SentDefinitions;
  readonly lastingMemory: ((size: number) => Uint8Array) | undefined;
  readonly #lost: LostWorkers;
  #recycling: Recycling | undefined;
  startedWith = 0;
  #starting: Promise<void> | undefined;
  #started = false;
  #broken: Error | undefined;
  #flushPlanned = false;
  #flushedAt = 0;
  #lookPlanned = false;
  #now: Moment = presentMoment();
  #keptAlive = false;
  #isIsolated = false;
  /** True once the workers have ended or were released, but for some that are busy with tasks that were given up. */
  #isOver = false;

  constructor(source: WorkerSource) {
    this.#source = source;
    this.lastingMemory = source.lastingMemory?.bind(source);
    this.definitions = new SentDefinitions(this.lastingMemory);
    this.#lost = new LostWorkers(source, this);
    this.#scheduler = new Scheduler({
      dispatch: (worker, batch) => {
        this.#dispatch(worker, batch);
      },
      callBack: (task) => this.#withdraw(task, true),
      begins: ({ future }) => {
        if (future.state === 'pending') startFuture(future);
      },
      spent: (worker) => this.#spent.push(worker),
      now: () => this.#now.time,
    });
  }

  /** The number of workers that are ready. */
  get size(): number {
    return this.#broken === undefined ? this.workers.length - this.#lost.count : 0;
  }

  get places(): readonly WorkerPlace[] {
    return this.workers.map(({ link: { rank, host, pid } }) => ({ rank, host, pid }));
  }

  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Copies buffers that tasks will send. */
  get snapshot(): Snapshot {
    return this.#source.snapshot;
  }

  /** Starts the workers, once. Never rejects: an error becomes {@link broken} and the error of every task. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  /** Does what {@link start} does, and also starts those workers that otherwise start when there is work for them. */
  async startAll(): Promise<void> {
    await Promise.all([this.start(), this.#source.growing?.startAll()]);
  }

  addClient(options: ClientOptions): Client {
    const client = this.clients.add(this.#scheduler.createQueue(), options);
    this.#source.setHeartbeat?.(options.heartbeat);
    this.#recycling ??= options.recycling;
    if (options.isolate === true) this.#isolate(client);
    if (this.#broken !== undefined) client.break(this.#broken);
    else if (this.#started) this.#setUp(client);
    return client;
  }

  #isolate(client: Client): void {
    if (client.id === 0) {
      this.#isIsolated = true;
      this.#source.isolate?.();
      // Ranks of a launcher may have been traced before.
      for (const worker of this.workers.keys()) this.tracer.moved(worker);
    } else if (!this.#isIsolated) client.break(new BrokenExecutorError(notIsolated));
  }

  removeClient(client: Client): void {
    this.clients.remove(client);
    this.updateKeepAlive();
  }

  /** Ends the workers, which have no more work. */
  async stop(): Promise<void> {
    await this.#starting;
    this.#lost.stop();
    this.tracer.ended();
    endTrace(this.tracer);
    await this.#source.stop();
    this.definitions.clear();
    this.abandoned.clear();
    this.workers = [];
    this.#lost.clear();
    this.#isOver = true;
    this.updateKeepAlive();
  }

  now(): Moment {
    if (!this.#flushPlanned) this.#now = presentMoment();
    return this.#now;
  }

  submitted(): void {
    const queued = this.#scheduler.queued;
    if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      this.#flushedAt = queued;
      queueMicrotask(this.#plannedFlush);
    } else if (this.#started && queued - this.#flushedAt >= tasksPerEarlyFlush) {
      this.#flush();
      this.#flushedAt = this.#scheduler.queued;
    }
  }

  /** A single function for all tasks: one made in {@link submitted} would cost each task a context. */
  readonly #plannedFlush = (): void => {
    this.#flushPlanned = false;
    this.#flush();
  };

  /** @throws for a message that no worker of this version sends: no message of that worker can be trusted then */
  message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    const from = this.workers[worker];
    if (from === undefined) {
      if (this.#isOver) return; // it was busy with a task that was given up
      throw new Error('it has answered before it was asked');
    }
    if (payload[0] === MessageKind.results) {
      this.#now = presentMoment();
      readBatch(payload, buffers, true, (entry) => {
        this.#settle(worker, entry);
      });
      from.hasAnswered = true;
    } else if (payload[0] === MessageKind.ready)
      this.clients.ready(worker, decodeMessage(payload) as ClientReady);
    else if (payload[0] === MessageKind.define)
      from.functions.define(decodeMessage(payload) as FunctionDefinition);
    else if (payload[0] === MessageKind.started)
      this.#taskOf(worker, decodeMessage(payload) as number)?.limits?.started();
    else if (payload[0] === MessageKind.progress) {
      const progress = decodeMessage(payload) as TaskProgress;
      const task = this.#taskOf(worker, progress.task);
      if (task !== undefined) taskReported(task, from, progress);
    } else if (payload[0] === MessageKind.clock) {
      const { sent, read } = decodeMessage(payload) as ClockReading;
      this.tracer.time(worker, sent, read);
    } else if (payload[0] === MessageKind.collections) {
      this.tracer.collected(worker, decodeMessage(payload) as Collection[]);
    } else if (payload[0] === MessageKind.full) {
      if (from.link.end !== undefined) this.#scheduler.retire(worker);
    } else if (payload[0] === MessageKind.together)
      this.#worksTogether(decodeMessage(payload) as number);
    else throw new Error(`it has sent a message of kind ${payload[0]}`);
  }

  /** The task that the worker has; undefined if no worker has it. */
  #taskOf(worker: number, id: number): PoolTask | undefined {
    const task = this.workers[worker]!.sent.get(id);
    if (task !== undefined) return task;
    if (this.#broken !== undefined) return undefined;
    throw new Error(`it does not have the task ${id}`);
  }

  batchEnded(): void {
    this.#flush();
  }

  /** Sends no more tasks to the worker; it may still have answered those that it has. */
  leaves(worker: number): void {
    const from = this.workers[worker];
    if (from !== undefined) from.isLeaving = true;
    this.#scheduler.removeWorker(worker);
  }

  lost(worker: number, error: WorkerLostError): void {
    if (this.#isOver || !this.#lost.note(worker, error) || !this.#started) return;
    this.tracer.lost(worker);
    publishLoss(this.workers[worker]!.link, error);
    this.#scheduler.removeWorker(worker);
    this.#lost.settle(worker);
    this.#flush();
  }

  added(link: WorkerLink): void {
    this.#join(link, this.workers.length, 0);
    this.#flush();
  }

  runs(number: number): void {
    const worker = this.workers[number];
    if (worker !== undefined) this.tracer.named(number, worker.link.pid);
  }

  notAdded(error: Error): void {
    this.#lost.breakIfEmpty(`, and no other could be started: ${error.message}`);
  }

  /** Puts the replacement in its place. Until it is set up, the set-up of the lost worker counts as under way. */
  joined(link: WorkerLink, lost: number, inVain: number): void {
    this.#join(link, lost, inVain);
    this.#flush();
  }

  notReplaced(lost: number): void {
    this.clients.over(lost);
    this.updateKeepAlive();
  }

  tasksOf(worker: number): PoolTask[] {
    return this.workers[worker]!.sent.all();
  }

  takeBack(task: PoolTask): void {
    this.workers[task.worker]!.sent.delete(task);
    this.#inFlight--;
  }

  callBack(task: PoolTask): boolean {
    if (!this.#withdraw(task, false)) return false;
    this.#scheduler.calledBack(task);
    return true;
  }

  callBackAll(client: Client): void {
    for (const task of this.#sent().reverse()) if (task.owner === client) this.callBack(task);
  }

  /**
   * Takes a task back from its worker, if that has not begun it.
   *
   * @param again - it is to be sent to another one
   */
  #withdraw(task: PoolTask, again: boolean): boolean {
    const { future, worker } = task;
    if (future.state !== 'pending' || (again && task.value === undefined)) return false;
    if (this.workers[worker]!.link.claims?.claim(task.id) !== true) {
      startFuture(future); // the worker has begun the task
      return false;
    }
    this.takeBack(task);
    task.since = this.#now;
    return true;
  }

  /** All tasks in flight; those of each worker in the order in which they were sent. */
  #sent(): PoolTask[] {
    return this.workers.flatMap(({ sent }) => sent.all());
  }

  unended(): PoolTask[] {
    return [...this.#sent(), ...this.#answered];
  }

  abort(task: PoolTask, reason: unknown): void {
    const limits = task.limit();
    if (limits.aborted || task.worker === -1) return;
    limits.aborted = true;
    this.#send(task.worker, MessageKind.abort, encodeAbort(task.id, reason));
  }

  /** Aborts the signals of all tasks of the client that were sent. */
  abortAll(client: Client, reason: unknown): void {
    for (const task of this.#sent()) if (task.owner === client) this.abort(task, reason);
  }

  /**
   * Fails what the client has not finished, and ends the workers that are busy with it, where that can be done.
   *
   * @param isLast - no other client needs the workers
   */
  giveUp(client: Client, why: string, isLast: boolean): void {
    if (isLast) this.#lost.stop();
    client.cancelQueued();
    const busy = new Set(client.setUp.missing.filter((worker) => this.#isInSetUp(worker, client)));
    const sent = this.#sent().filter(({ owner }) => owner === client);
    for (const task of sent) {
      if (isLast) busy.add(task.worker);
      if (this.abandoned.has(task)) continue;
      const error = this.#lossOf(task.worker, why);
      task.lose(error);
      // Where its worker is ended at once, it hears of no abort: it might drop the task, and begin another's.
      if (this.workers[task.worker]!.link.end === undefined) this.abort(task, error);
      this.abandoned.add(task, error);
    }
    // Their results wait for a module, which may never be loaded.
    for (const task of [...this.#answered])
      if (task.owner === client) this.end(task, new BrokenExecutorError(why));
    if (client.setUp.isUnderWay) client.break(new BrokenExecutorError(why));
    for (const worker of client.setUp.missing) client.setUp.over(worker);
    for (const worker of busy) this.endWorker(worker, why);
    for (const task of sent) if (this.abandoned.has(task)) this.abandoned.endWorkerOf(task, why);
    if (isLast) this.#source.giveUp?.();
    this.#flush();
  }

  /** True if a worker that has not answered the client's set-up can only be at that, and at no task of another client. */
  #isInSetUp(worker: number, client: Client): boolean {
    for (const task of this.tasksOf(worker).reverse()) {
      if (task.owner === client || task.value === undefined) continue;
      // It counts as begun since nothing was before it; whether it has, the claim says.
      if (task.future.state === 'running') requeueFuture(task.future);
      this.callBack(task);
    }
    return !this.clients.worksForOthers(worker, client.id);
  }

  /** @param gently - the worker has no tasks */
  endWorker(number: number, why: string, gently = false): void {
    const worker = this.workers[number]!;
    if (worker.link.end === undefined || this.#lost.has(number)) return;
    worker.wasEnded = true;
    this.#scheduler.removeWorker(number);
    worker.link.end(why, gently);
  }

  #lossOf(worker: number, reason: string): WorkerLostError {
    const { rank, host, pid } = this.workers[worker]!.link;
    const message = `Worker ${rank} (process ${pid} on ${host}) was given up: ${reason}`;
    return new WorkerLostError(message, { rank, host, pid, reason });
  }

  #join(link: WorkerLink, number: number, inVain: number): void {
    const workers = [...this.workers];
    workers[number] = new PooledWorker(link, number, inVain, workers[number]);
    this.workers = workers;
    link.joinedAs?.(number);
    this.#trace(number);
    this.#schedule(number);
    this.#lost.tellNew(number);
    this.clients.setUpAllOn(number);
  }

  #trace(worker: number): void {
    const { link } = this.workers[worker]!;
    const { rank, host, pid } = link;
    publishJoin(link);
    this.tracer.joined(worker, {
      rank,
      host,
      pid,
      tasks: () => this.tasksOf(worker),
      trace: (on) => {
        this.#send(worker, MessageKind.trace, on);
      },
      askForTime: (sent) => {
        this.#send(worker, MessageKind.clock, sent);
      },
    });
  }

  #schedule(worker: number): void {
    const { link } = this.workers[worker]!;
    const quota = link.end === undefined ? Infinity : (this.#recycling?.maxTasks ?? Infinity);
    this.#scheduler.addWorker(link.claims !== undefined, quota, worker);
  }

  #send(worker: number, kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    this.workers[worker]!.link.send(message, message.byteLength);
  }

  #worksTogether(kind: number): void {
    const sent = this.#sent().filter((task) => task.kind === kind);
    this.#scheduler.worksTogether(kind, sent);
  }

  async #start(): Promise<void> {
    try {
      publishSpawnStart();
      const links = await this.#source.start(this);
      this.workers = links.map((link, number) => new PooledWorker(link, number, 0));
      for (const [number, link] of links.entries()) link.joinedAs?.(number);
    } catch (error) {
      const broken = error instanceof Error ? error : new BrokenExecutorError(String(error));
      publishSpawnEnd({ error: broken });
      this.break(broken);
      return;
    }
    this.#started = true;
    publishSpawnEnd({ workers: this.workers.length });
    this.startedWith = this.#source.growing?.maxWorkers ?? this.workers.length;
    if (!isWorker()) traceToFile(this.tracer);
    warnIfNotThere(this.startedWith);
    for (const worker of this.workers.keys()) {
      this.#schedule(worker);
      if (this.#lost.has(worker)) this.#scheduler.removeWorker(worker);
      else this.#trace(worker);
    }
    this.#lost.settleAll();
    for (const client of this.clients) this.#setUp(client);
    this.#flush();
  }

  #setUp(client: Client): void {
    for (const worker of this.workers.keys())
      if (!this.#lost.has(worker)) this.clients.setUpOn(worker, client);
    this.updateKeepAlive();
  }

  #flush(): void {
    this.#source.growing?.want(this.#scheduler.queued + this.#scheduler.outstanding);
    if (!this.#started) return;
    for (const worker of this.#spent.splice(0))
      this.endWorker(worker, 'it has had its tasks', true);
    this.definitions.sendForgotten(this.workers);
    if (this.#scheduler.queued > 0) this.#now = presentMoment();
    if (this.#scheduler.dispatchAll()) this.#planLook();
    this.updateKeepAlive();
  }

  /** Plans another look of the scheduler: a worker whose task takes unexpectedly long sends nothing that would cause one. */
  #planLook(): void {
    if (this.#lookPlanned) return;
    this.#lookPlanned = true;
    setTimeout(() => {
      this.#lookPlanned = false;
      this.#now = presentMoment();
      if (this.workers.length > 0) this.#flush();
    }, SILENCE).unref(); // the pool keeps the program alive meanwhile
  }

  #dispatch(worker: number, batch: readonly PoolTask[]): void {
    const now = this.#now;
    const to = this.workers[worker]!;
    for (const task of batch) {
      if (!to.defined.has(task.fn)) this.definitions.send(to, task.fn);
      if (typeof task.value === 'object')
        for (const id of task.value.functions) this.definitions.send(to, id);
      if (!task.wasSent) task.owner.statistics.sent(now.time - task.since.time);
      if (this.tracer.isOn) this.tracer.sent(task, task.since.time, now.time);
      task.since = now;
      to.sent.add(task);
      this.#inFlight++;
      this.#writer.add(task.owner.id, task.id, task.fn, task.flags, task.value, 0);
      if (task.limits?.mayRunAgain !== true && !this.#mayGoBack(to, task)) task.value = undefined;
      else if (this.#source.takesBuffers === true) task.value = withCopiedBuffers(task.value);
    }
    this.#writer.finish((payload, length, buffers) => {
      to.link.send(payload, length, buffers);
    });
  }

  /** True if the arguments of a task are kept, as it may be sent to another worker. */
  #mayGoBack({ link, sent }: PooledWorker, task: PoolTask): boolean {
    if (link.claims !== undefined && isSmall(task)) return true;
    // An isolated worker may die at any time, and a thread be ended for a task before this one.
    return link.isIsolated === true || (link.end !== undefined && sent.count > 1);
  }

  #settle(worker: number, entry: BatchEntry): void {
    const task = this.#taskOf(worker, entry.id);
    if (task === undefined) return;
    if (!isAnswerTo(task, entry))
      throw new Error(`its answer to the task ${entry.id} is of another kind than asked for`);
    const from = this.workers[worker]!;
    // A large definition that its worker did not send to the end is lost, and the results that need it.
    if (from.isLeaving && !from.functions.has(functionsNamedIn(entry))) return;
    if (task.limits !== null && this.#settleLimited(task, entry)) return;
    this.takeBack(task);
    if (this.tracer.isOn)
      this.tracer.answered(worker, task, entry.start, entry.runTime, this.#now.time);
    // One that was dropped has not run, and so says nothing about its kind.
    if (entry.flags === resultFlags.dropped) this.#scheduler.released(task);
    else this.#scheduler.completed(task, entry.runTime);
    if (task.limits !== null && this.abandoned.delete(task)) return;
    const time = this.#now.time - task.since.time;
    task.owner.statistics.answered(time, entry.runTime, worker);
    if (taskEnd.hasSubscribers)
      publishTaskEnd(from.link, entry.flags === resultFlags.error, time, entry.runTime);
    const loading = entry.structured && from.functions.prepare(functionsNamedIn(entry));
    const reports = reportsUnderWay.size === 0 ? undefined : reportsUnderWay.get(task.future);
    if (loading === undefined && reports === undefined) this.#settlePrepared(from, task, entry);
    else void this.#settleLater(from, task, entry, loading, reports);
  }

  /** Separate from {@link #settle}, in which a closure would cost each result a context. */
  async #settleLater(
    from: PooledWorker,
    task: PoolTask,
    entry: BatchEntry,
    loading: Promise<void> | undefined,
    reports: Promise<void> | undefined,
  ): Promise<void> {
    this.#answered.add(task);
    await loading;
    await reports;
    if (this.#answered.delete(task)) this.#settlePrepared(from, task, entry);
    this.updateKeepAlive();
  }

  /** Settles a task when the functions that its result refers to are available, and what it has reported was passed on. */
  #settlePrepared(from: PooledWorker, task: PoolTask, entry: BatchEntry): void {
    if (!task.future.done()) this.#settleFuture(from, task, entry);
    task.owner.taskEnded(task);
  }

  /** Returns true if nothing is left to do, because the task was not run. */
  #settleLimited(task: PoolTask, entry: BatchEntry): boolean {
    const { aborted, reason } = task.limits!;
    if (aborted) {
      this.#send(task.worker, MessageKind.abortOver, task.id);
    }
    if (entry.flags !== resultFlags.dropped || this.abandoned.has(task)) return false;
    this.takeBack(task);
    this.#scheduler.released(task);
    requeueFuture(task.future);
    cancelFuture(task.future, reason);
    task.owner.taskEnded(task);
    return true;
  }

  #settleFuture(from: PooledWorker, task: PoolTask, entry: BatchEntry): void {
    try {
      const value = valueOf(entry, from.functions);
      const { codec } = task.owner.options;
      if (entry.flags === resultFlags.value) task.succeed(value);
      else if (entry.flags === resultFlags.custom) task.succeed(unpackWith(codec!, value));
      else task.fail(addPlace(value, this.whereIs(from)));
    } catch (error) {
      task.fail(error);
    }
  }

  end(task: PoolTask, error: Error): void {
    if (!this.#answered.delete(task)) this.takeBack(task);
    if (this.abandoned.delete(task)) return;
    if (task.future.done()) {
      // The future failed when its client broke.
    } else if (error instanceof WorkerLostError) task.lose(error);
    else task.fail(error);
    task.owner.taskEnded(task);
  }

  break(error: Error): void {
    this.#broken ??= error;
    for (const task of this.unended()) this.end(task, error);
    for (const client of this.clients) client.break(error);
    this.updateKeepAlive();
  }

  whereIs({ link: { rank, host } }: PooledWorker): string {
    return `at worker ${rank} of ${this.startedWith} on ${host}`;
  }

  // As long as something is outstanding, the program does not end and the MPI thread checks for answers.
  updateKeepAlive(): void {
    if (!this.#started) return;
    const busy =
      !this.#isOver &&
      this.#broken === undefined &&
      (this.#inFlight > this.abandoned.size ||
        this.#answered.size > 0 ||
        this.#scheduler.queued > 0 ||
        this.clients.areSettingUp);
    if (busy === this.#keptAlive) return;
    this.#keptAlive = busy;
    this.#source.keepAlive(busy);
  }
}

/** True if the arguments may be kept until the task has ended: it can be sent to another worker then. */
function isSmall({ size, value }: PoolTask): boolean {
  return size <= mostKept && (typeof value !== 'object' || value.buffers.length === 0);
}

/** True for a result that belongs to the task's executor, and is of a kind that this task can have. */
function isAnswerTo({ owner, limits }: PoolTask, { client, flags }: BatchEntry): boolean {
  if (client !== owner.id) return false;
  if (flags === resultFlags.custom) return owner.options.codec !== undefined;
  if (flags === resultFlags.dropped) return limits !== null;
  return flags === resultFlags.value || flags === resultFlags.error;
}
