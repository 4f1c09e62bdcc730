/**
 * A pool: workers from a source, tasks from its sessions, the scheduler in between.
 *
 *     main thread of the program                      its MPI thread          a worker
 *     ──────────────────────────                      ──────────────          ────────
 *     submit(fn, …args)
 *        │  TaskEncoder: fn → id, args → bytes
 *        ▼
 *     Session (one per executor)
 *        │  PoolTask and Future, in its TaskQueue
 *        ▼
 *     Scheduler: which task, to which worker  ◄────┐
 *        │  once per turn of the event loop        │
 *        ▼                                         │
 *     BatchWriter: one message per worker          │
 *        ▼                                         │
 *     WorkerSource ─► Channel ──────────────────── │ ─► packets, bulk ────► TaskServer
 *                                                  │                           │  its steps, first come, first served
 *     settle: decode, resolve the Future ──────────┘                           ▼
 *        ▲                                                                  TaskLoop: one task after another
 *        │  one call for all that has come together                            │  BatchWriter: one message of results
 *     Pool.message ◄─ Channel ◄──────────────────── Inbox ◄────────────────────┘
 *
 * Workers that are threads of this process send and receive the same messages by a MessagePort (lib/workers/thread_channel.ts), and
 * no MPI thread is between.
 *
 * | who          | owns                                                                                              |
 * | ------------ | ------------------------------------------------------------------------------------------------- |
 * | Pool         | the tasks in flight, by id; which functions each worker knows; which workers are lost             |
 * | Session      | its queue, the number of its unfinished tasks, its set-up on the workers, its statistics          |
 * | PoolTask     | its encoded arguments until they are sent for the last time, its future, its limits               |
 * | Scheduler    | how much is outstanding at each worker, and how long tasks of a kind run                          |
 * | WorkerSource | processes or threads: their start, their end, how their loss is noticed                           |
 * | MPI thread   | every call of MPI, requests, what is sent and not yet received                                    |
 *
 * A worker that is lost: `leaves` takes it from the scheduler, `lost` comes after all that it had sent, and its tasks fail or wait
 * again (`#endTasksOf`). See docs/design/architecture.md, "A task's way".
 */

import { BrokenExecutorError, WorkerLostError, type TimeoutError } from '../errors.js';
import { requeueFuture, startFuture } from '../futures/future_control.js';
import {
  BatchWriter,
  functionsNamedIn,
  readBatch,
  resultFlags,
  valueOf,
  type BatchEntry,
} from '../tasks/batches.js';
import { withCopiedBuffers } from '../values/encoded_value.js';
import type { FunctionDefinition } from '../functions/definition.js';
import type { IncomingFunctions } from '../functions/incoming.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  setUpFailed,
  type SessionReady,
} from '../tasks/messages.js';
import { addPlace } from '../tasks/remote_error.js';
import { encodeAbort } from '../tasks/task_abort.js';
import type { Snapshot } from '../values/buffers/snapshot.js';
import { unpackWith, type PackedValue } from '../values/value_codec.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import { functionsOfWorker, programFunctions } from './functions.js';
import type { PoolTask } from './pool_task.js';
import { Replacements, type ReplacementEvents } from './replacements.js';
import { Scheduler } from '../scheduling/scheduler.js';
import { Session, type SessionHost, type SessionOptions } from './session.js';
import { presentMoment, type Moment } from './statistics.js';
import type { WorkerEvents, WorkerIdentity, WorkerSource } from '../workers/worker_source.js';

/** In a long synchronous loop of submits, workers begin before its end. */
const tasksPerEarlyFlush = 256;

export class Pool implements WorkerEvents, SessionHost, ReplacementEvents {
  readonly #source: WorkerSource;
  readonly #scheduler: Scheduler<PoolTask>;
  readonly #writer = new BatchWriter(MessageKind.tasks, false);
  readonly #inFlight = new Map<number, PoolTask>();
  /** So many of them have failed already, while a worker may still run them. */
  #abandoned = 0;
  readonly #sessions = new Map<number, Session>();
  /** By worker: the ids of the functions it knows, and the functions it has told of. */
  readonly #defined: Set<number>[] = [];
  readonly #received: IncomingFunctions[] = [];
  /** By id of a function: what workers are told of it, encoded once for all of them, and for those that come later. */
  readonly #definitions = new Map<number, Uint8Array>();
  readonly #lastingMemory: ((size: number) => Uint8Array) | undefined;
  #workers: WorkerIdentity[] = [];
  readonly #lost = new Map<number, WorkerLostError>();
  readonly #replacements: Replacements;
  #startedWith = 0;
  #starting: Promise<void> | undefined;
  #started = false;
  #broken: Error | undefined;
  #lastLoss: WorkerLostError | undefined;
  #nextSession = 0;
  /** Number of forgotten functions that the workers have heard of. */
  #forgotten = programFunctions.forgotten.length;
  #flushPlanned = false;
  #flushedAt = 0;
  #now: Moment = presentMoment();
  #keptAlive = false;

  constructor(source: WorkerSource) {
    this.#source = source;
    this.#lastingMemory = source.lastingMemory?.bind(source);
    this.#replacements = new Replacements(source, this);
    this.#scheduler = new Scheduler({
      dispatch: (worker, batch) => {
        this.#dispatch(worker, batch);
      },
    });
  }

  /** Number of workers that are there. */
  get size(): number {
    return this.#broken === undefined ? this.#workers.length - this.#lost.size : 0;
  }

  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Copies buffers that tasks will send. */
  get snapshot(): Snapshot {
    return this.#source.snapshot;
  }

  /** Allocates the workers, once. Never rejects: what went wrong is {@link broken} and the error of every task. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  /** As {@link start}, and then all of the workers that would else be started as there is work for them. */
  async startAll(): Promise<void> {
    await Promise.all([this.start(), this.#source.growing?.startAll()]);
  }

  openSession(options: SessionOptions): Session {
    const id = this.#nextSession++;
    const session = new Session(this, this.#scheduler.createQueue(), id, options);
    this.#sessions.set(id, session);
    this.#source.setHeartbeat?.(options.heartbeat);
    if (this.#broken !== undefined) session.break(this.#broken);
    else if (this.#started) this.#setUp(session);
    return session;
  }

  closeSession(session: Session): void {
    this.#sessions.delete(session.id);
    session.close();
    this.#updateKeepAlive();
  }

  /** Workers that go on for others need not keep what a closed session had there. */
  forgetSession({ id }: Session): void {
    const message = encodeMessage(MessageKind.sessionOver, id);
    for (const worker of this.#workers.keys())
      if (!this.#lost.has(worker)) this.#source.send(worker, message, message.byteLength);
  }

  /** Ends the workers, which have nothing to do any more. */
  async stop(): Promise<void> {
    await this.#starting;
    this.#replacements.stop();
    await this.#source.stop();
    this.#definitions.clear();
    this.#workers = [];
    this.#lost.clear();
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

  /** One for all: made in {@link submitted} it would cost each task a context. */
  readonly #plannedFlush = (): void => {
    this.#flushPlanned = false;
    this.#flush();
  };

  withdrawn(): void {
    this.#updateKeepAlive();
  }

  /** @throws for what a worker cannot have to say: nothing that it says is to be believed */
  message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    if (payload[0] === MessageKind.results) {
      this.#now = presentMoment();
      readBatch(payload, buffers, true, (entry) => {
        this.#settle(worker, entry);
      });
      this.#replacements.proved(worker);
    } else if (payload[0] === MessageKind.ready)
      this.#sessionReady(worker, decodeMessage(payload) as SessionReady);
    else if (payload[0] === MessageKind.define)
      this.#received[worker]?.define(decodeMessage(payload) as FunctionDefinition);
    else if (payload[0] === MessageKind.started)
      this.#taskOf(worker, decodeMessage(payload) as number)?.limits?.started();
    else if (payload[0] === MessageKind.together)
      this.#worksTogether(decodeMessage(payload) as number);
    else throw new Error(`it has sent a message of kind ${payload[0]}`);
  }

  /** A task that the worker has; undefined when nobody has any. */
  #taskOf(worker: number, id: number): PoolTask | undefined {
    const task = this.#inFlight.get(id);
    if (task?.worker === worker) return task;
    if (this.#broken !== undefined) return undefined;
    throw new Error(`it does not have the task ${id}`);
  }

  batchEnded(): void {
    this.#flush();
  }

  /** It gets no more tasks; those that it has may still have been answered. */
  leaves(worker: number): void {
    this.#scheduler.removeWorker(worker);
  }

  lost(worker: number, error: WorkerLostError): void {
    if (this.#lost.has(worker)) return;
    this.#lost.set(worker, error);
    if (!this.#started) return;
    this.#isGone(worker, error);
    this.#flush();
  }

  added(identity: WorkerIdentity): void {
    this.#replacements.add();
    this.#join(identity);
    this.#flush();
  }

  notAdded(error: Error): void {
    this.#breakIfEmpty(`, and no other could be started: ${error.message}`);
  }

  /** Until then a set-up that the lost worker has not answered counts as under way. */
  joined(lost: number, identity: WorkerIdentity): void {
    this.#join(identity);
    for (const session of this.#sessions.values()) session.setUp(lost);
    this.#flush();
  }

  notReplaced(lost: number, reason: string | undefined): void {
    this.#breakIfEmpty(reason === undefined ? '' : `, and the last is not replaced: ${reason}`);
    for (const session of this.#sessions.values()) session.setUp(lost);
    this.#updateKeepAlive();
  }

  abort(task: PoolTask, reason: unknown): void {
    const { limits, worker } = task;
    if (limits === null || limits.aborted || worker === -1) return;
    limits.aborted = true;
    const message = encodeMessage(MessageKind.abort, encodeAbort(task.id, reason));
    this.#source.send(worker, message, message.byteLength);
  }

  expired(task: PoolTask, error: TimeoutError): void {
    if (task.abandoned || task.worker === -1) return;
    this.abort(task, error);
    this.#abandon(task, error);
    this.#updateKeepAlive();
  }

  #join(identity: WorkerIdentity): void {
    this.#workers.push(identity);
    const worker = this.#addWorker();
    if (this.#lastLoss !== undefined) this.#tellOfLoss(worker, this.#lastLoss);
    for (const session of this.#sessions.values())
      if (session.broken === undefined) this.#setUpOn(worker, session);
  }

  /** No worker is left, and none will come. */
  #breakIfEmpty(why: string): void {
    const toCome = this.#replacements.pending + (this.#source.growing?.toCome ?? 0);
    if (this.size > 0 || toCome > 0) return;
    const options = { cause: this.#lastLoss };
    this.#break(new BrokenExecutorError(`All workers were lost${why}`, options));
  }

  #worksTogether(kind: number): void {
    const sent = [...this.#inFlight.values()].filter((task) => task.kind === kind);
    this.#scheduler.worksTogether(kind, sent);
  }

  /** No communicator has all workers any more. */
  #tellOfLoss(worker: number, { message: reason }: Error): void {
    if (this.#lost.has(worker)) return;
    const message = encodeMessage(MessageKind.notAllThere, reason);
    this.#source.send(worker, message, message.byteLength);
  }

  async #start(): Promise<void> {
    try {
      this.#workers = [...(await this.#source.start(this))];
    } catch (error) {
      this.#break(error instanceof Error ? error : new BrokenExecutorError(String(error)));
      return;
    }
    this.#started = true;
    this.#startedWith = this.#source.growing?.maxWorkers ?? this.#workers.length;
    this.#workers.forEach(() => {
      this.#replacements.add();
      this.#addWorker();
    });
    for (const [worker, error] of this.#lost) this.#isGone(worker, error);
    for (const session of this.#sessions.values()) this.#setUp(session);
    this.#flush();
  }

  /** The number that the scheduler and the source give it is the same: the next one. */
  #addWorker(): number {
    const worker = this.#scheduler.addWorker();
    this.#defined[worker] = new Set();
    this.#received[worker] = functionsOfWorker();
    return worker;
  }

  #isGone(worker: number, error: WorkerLostError): void {
    this.#scheduler.removeWorker(worker);
    this.#defined[worker] = new Set();
    this.#lastLoss = error;
    for (const other of this.#workers.keys()) this.#tellOfLoss(other, error);
    this.#endTasksOf(worker, error);
    this.#replacements.replace(worker);
  }

  #endTasksOf(worker: number, error: WorkerLostError): void {
    const again: PoolTask[] = [];
    for (const task of [...this.#inFlight.values()]) {
      if (task.worker !== worker) continue;
      if (!task.future.done() && task.limits?.retry() === true) again.push(task);
      else this.#end(task, error);
    }
    // They come before what has never been sent, the first of them first.
    const now = presentMoment();
    for (const task of again.reverse()) {
      this.#inFlight.delete(task.id);
      task.since = now;
      requeueFuture(task.future);
      task.owner.queue.requeue(task);
    }
  }

  #setUp(session: Session): void {
    for (const worker of this.#workers.keys())
      if (!this.#lost.has(worker)) this.#setUpOn(worker, session);
    this.#updateKeepAlive();
  }

  #setUpOn(worker: number, session: Session): void {
    session.settingUp(worker);
    for (const id of session.options.functions) this.#define(worker, id);
    this.#source.sendLasting(worker, session.setupMessage(this.#lastingMemory));
  }

  #sessionReady(worker: number, { session: id, error }: SessionReady): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const functions = this.#received[worker]!;
    const pending = error === undefined ? undefined : functions.prepare(functionsIn(error.bytes));
    const answered = (): void => {
      if (error !== undefined) this.#breakSession(session, this.#thrown(error, worker));
      session.setUp(worker);
      this.#updateKeepAlive();
    };
    if (pending === undefined) answered();
    else void pending.then(answered);
  }

  #thrown({ bytes, buffers = [] }: PackedValue, worker: number): unknown {
    try {
      const thrown = decodeStructure(bytes, buffers, this.#received[worker]!);
      return addPlace(thrown, this.#whereIs(worker));
    } catch (undecodable) {
      return undecodable;
    }
  }

  /** A worker that has tasks of other sessions to do first is not silent. */
  setUpOverdue(session: Session): void {
    const silent = session.notReady.filter((worker) => !this.#worksForOthers(worker, session));
    if (silent.length === 0) {
      session.waitForSetUp();
      return;
    }
    const { bootTimeout } = session.options;
    const who = `Worker ${silent.join(', ')} of ${this.#startedWith}`;
    const error = new BrokenExecutorError(
      `${who} has not been set up within ${bootTimeout} ms: its initializer, or a module, has not come to an end (option bootTimeout)`,
    );
    session.break(error);
    for (const task of this.#inFlight.values())
      if (task.owner === session && !task.abandoned) this.#abandon(task, error);
    for (const worker of session.notReady) session.setUp(worker);
    this.#updateKeepAlive();
  }

  #worksForOthers(worker: number, session: Session): boolean {
    for (const task of this.#inFlight.values())
      if (task.worker === worker && task.owner !== session) return true;
    return false;
  }

  #breakSession(session: Session, cause: unknown): void {
    if (session.broken !== undefined) return;
    const broken = new BrokenExecutorError(setUpFailed, { cause });
    session.break(broken);
    for (const task of this.#inFlight.values())
      if (task.owner === session && !task.future.done()) task.fail(broken);
  }

  #flush(): void {
    this.#source.growing?.want(this.#scheduler.queued + this.#scheduler.outstanding);
    if (!this.#started) return;
    this.#forgetFunctions();
    if (this.#scheduler.queued > 0) {
      this.#now = presentMoment();
      this.#scheduler.dispatchAll();
    }
    this.#updateKeepAlive();
  }

  #dispatch(worker: number, batch: readonly PoolTask[]): void {
    const now = this.#now;
    for (const task of batch) {
      this.#define(worker, task.fn);
      if (typeof task.value === 'object')
        for (const id of task.value.functions) this.#define(worker, id);
      startFuture(task.future);
      task.owner.statistics.sent(now.time - task.since.time);
      task.since = now;
      this.#inFlight.set(task.id, task);
      this.#writer.add(task.owner.id, task.id, task.fn, task.flags, task.value, 0);
      if (task.limits?.mayRunAgain !== true) task.value = undefined;
      else if (this.#source.takesBuffers === true) task.value = withCopiedBuffers(task.value);
    }
    this.#writer.finish((payload, length, buffers) => {
      this.#source.send(worker, payload, length, buffers);
    });
  }

  /** The worker is told what a function is before the first message that names it. */
  #define(worker: number, id: number): void {
    const defined = this.#defined[worker]!;
    if (id === 0 || defined.has(id)) return;
    defined.add(id);
    for (const needed of programFunctions.neededBy(id)) this.#define(worker, needed);
    let message = this.#definitions.get(id);
    if (message === undefined) {
      const definition = programFunctions.definition(id);
      message = encodeMessage(MessageKind.define, definition, this.#lastingMemory);
      this.#definitions.set(id, message);
    }
    this.#source.sendLasting(worker, message);
  }

  #forgetFunctions(): void {
    const { forgotten } = programFunctions;
    for (; this.#forgotten < forgotten.length; this.#forgotten++) {
      const id = forgotten[this.#forgotten]!;
      this.#definitions.delete(id);
      const message = encodeMessage(MessageKind.forget, id);
      for (const [worker, defined] of this.#defined.entries())
        if (defined.delete(id)) this.#source.send(worker, message, message.byteLength);
    }
  }

  #settle(worker: number, entry: BatchEntry): void {
    const task = this.#taskOf(worker, entry.id);
    if (task === undefined) return;
    if (!isAnswerTo(task, entry))
      throw new Error(`it has answered the task ${entry.id} otherwise than asked`);
    if (task.limits !== null && this.#settleLimited(task, entry)) return;
    this.#scheduler.completed(task, entry.runTime);
    if (task.abandoned) {
      this.#inFlight.delete(task.id);
      this.#abandoned--;
      return;
    }
    task.owner.statistics.answered(this.#now.time - task.since.time, entry.runTime);
    const pending = entry.structured && this.#received[worker]!.prepare(functionsNamedIn(entry));
    if (pending === undefined) this.#settlePrepared(worker, task, entry);
    else void this.#settleLater(worker, task, entry, pending);
  }

  /** Apart from {@link #settle}, in which a closure would cost each result a context. */
  async #settleLater(
    worker: number,
    task: PoolTask,
    entry: BatchEntry,
    pending: Promise<void>,
  ): Promise<void> {
    await pending;
    this.#settlePrepared(worker, task, entry);
    this.#updateKeepAlive();
  }

  /** The functions that its result names are there. */
  #settlePrepared(worker: number, task: PoolTask, entry: BatchEntry): void {
    if (!this.#inFlight.delete(task.id)) return;
    if (!task.future.done()) this.#settleFuture(worker, task, entry);
    task.owner.taskEnded(task);
  }

  /** True if nothing is left to do: the task was not run. */
  #settleLimited(task: PoolTask, entry: BatchEntry): boolean {
    const { aborted, reason } = task.limits!;
    if (aborted) {
      const message = encodeMessage(MessageKind.abortOver, task.id);
      this.#source.send(task.worker, message, message.byteLength);
    }
    if (entry.flags !== resultFlags.dropped || task.abandoned) return false;
    this.#scheduler.released(task);
    this.#inFlight.delete(task.id);
    requeueFuture(task.future);
    task.future.cancel(reason);
    task.owner.taskEnded(task);
    return true;
  }

  #settleFuture(worker: number, task: PoolTask, entry: BatchEntry): void {
    try {
      const value = valueOf(entry, this.#received[worker]!);
      const { codec } = task.owner.options;
      if (entry.flags === resultFlags.value) task.succeed(value);
      else if (entry.flags === resultFlags.custom) task.succeed(unpackWith(codec!, value));
      else task.fail(addPlace(value, this.#whereIs(worker)));
    } catch (error) {
      task.fail(error);
    }
  }

  /** Its future fails now. It stays in flight, and a load of its worker, until that answers or is lost. */
  #abandon(task: PoolTask, error: Error): void {
    if (!task.future.done()) task.fail(error);
    task.abandoned = true;
    this.#abandoned++;
    task.owner.taskEnded(task);
  }

  /** Ends a task that no worker will answer. */
  #end(task: PoolTask, error: Error): void {
    this.#inFlight.delete(task.id);
    if (task.abandoned) {
      this.#abandoned--;
      return;
    }
    if (task.future.done()) {
      // It failed when its session broke.
    } else if (error instanceof WorkerLostError) task.lose(error);
    else task.fail(error);
    task.owner.taskEnded(task);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const task of [...this.#inFlight.values()]) this.#end(task, error);
    for (const session of this.#sessions.values()) session.break(error);
    this.#updateKeepAlive();
  }

  #whereIs(worker: number): string {
    const { rank = worker, host = 'an unknown host' } = this.#workers[worker] ?? {};
    return `at worker ${rank} of ${this.#startedWith} on ${host}`;
  }

  // While anything is outstanding the program goes on, and the MPI thread looks for answers.
  #updateKeepAlive(): void {
    if (!this.#started) return;
    const busy =
      this.#broken === undefined &&
      (this.#inFlight.size > this.#abandoned || this.#scheduler.queued > 0 || this.#isSettingUp());
    if (busy === this.#keptAlive) return;
    this.#keptAlive = busy;
    this.#source.keepAlive(busy);
  }

  #isSettingUp(): boolean {
    for (const session of this.#sessions.values()) if (session.isSettingUp) return true;
    return false;
  }
}

/** Whether it is of the task's executor, and of a kind that this task can have. */
function isAnswerTo({ owner, limits }: PoolTask, { session, flags }: BatchEntry): boolean {
  if (session !== owner.id) return false;
  if (flags === resultFlags.custom) return owner.options.codec !== undefined;
  if (flags === resultFlags.dropped) return limits !== null;
  return flags === resultFlags.value || flags === resultFlags.error;
}
