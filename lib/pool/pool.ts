/**
 * A pool: workers from a source, tasks from its sessions, the scheduler in between.
 *
 * All that is submitted in one turn of the event loop becomes one message per worker, and all results that arrive
 * together are settled by one call; see docs/architecture.md, "A task's way".
 */

import { BrokenExecutorError, type WorkerLostError } from '../errors.js';
import { resolveFuture, startFuture } from '../futures/future_control.js';
import { BatchWriter, readBatch, resultFlags, valueOf, type BatchEntry } from '../tasks/batches.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type SessionReady,
  type SessionSetup,
} from '../tasks/messages.js';
import { restoreError, type RemoteError } from '../tasks/remote_error.js';
import type { Snapshot } from '../tasks/structured.js';
import type { PoolTask } from './pool_task.js';
import { Scheduler } from './scheduler.js';
import { Session, type SessionHost } from './session.js';
import type { WorkerEvents, WorkerIdentity, WorkerSource } from './worker_source.js';

/** In a long synchronous loop of submits, workers begin before its end. */
const tasksPerEarlyFlush = 256;

export class Pool implements WorkerEvents, SessionHost {
  readonly #source: WorkerSource;
  readonly #scheduler: Scheduler<PoolTask>;
  readonly #writer = new BatchWriter(MessageKind.tasks, false);
  readonly #inFlight = new Map<number, PoolTask>();
  readonly #sessions = new Map<number, Session>();
  /** By worker: the ids of the functions it knows. */
  readonly #defined: Set<number>[] = [];
  #workers: readonly WorkerIdentity[] = [];
  readonly #lost = new Set<number>();
  #starting: Promise<void> | undefined;
  #started = false;
  #broken: Error | undefined;
  #nextSession = 0;
  #flushPlanned = false;
  #flushedAt = 0;
  #keptAlive = false;
  readonly #visitResult = (entry: BatchEntry): void => {
    this.#settle(entry);
  };

  constructor(source: WorkerSource) {
    this.#source = source;
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

  openSession(setup: Omit<SessionSetup, 'session'>): Session {
    const id = this.#nextSession++;
    const session = new Session(this, this.#scheduler.createQueue(), { ...setup, session: id });
    this.#sessions.set(id, session);
    if (this.#broken !== undefined) session.break(this.#broken);
    else if (this.#started) this.#setUp(session);
    return session;
  }

  closeSession(session: Session): void {
    this.#sessions.delete(session.id);
    session.queue.close();
    this.#updateKeepAlive();
  }

  /** Ends the workers, which have nothing to do any more. */
  async stop(): Promise<void> {
    await this.#starting;
    await this.#source.stop();
    this.#workers = [];
    this.#lost.clear();
  }

  submitted(): void {
    if (!this.#started) return;
    const queued = this.#scheduler.queued;
    if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      this.#flushedAt = queued;
      queueMicrotask(() => {
        this.#flushPlanned = false;
        this.#flush();
      });
    } else if (queued - this.#flushedAt >= tasksPerEarlyFlush) {
      this.#flush();
      this.#flushedAt = this.#scheduler.queued;
    }
  }

  withdrawn(): void {
    this.#updateKeepAlive();
  }

  message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    if (payload[0] === MessageKind.results) readBatch(payload, buffers, true, this.#visitResult);
    else if (payload[0] === MessageKind.ready)
      this.#sessionReady(worker, decodeMessage(payload) as SessionReady);
  }

  batchEnded(): void {
    this.#flush();
  }

  lost(worker: number, error: WorkerLostError): void {
    if (this.#lost.has(worker)) return;
    this.#lost.add(worker);
    if (!this.#started) return;
    this.#scheduler.removeWorker(worker);
    for (const task of [...this.#inFlight.values()])
      if (task.worker === worker) this.#end(task, error);
    for (const session of this.#sessions.values()) session.setUp(worker);
    if (this.#lost.size === this.#workers.length) {
      this.#break(new BrokenExecutorError('All workers were lost', { cause: error }));
    }
    this.#updateKeepAlive();
  }

  async #start(): Promise<void> {
    try {
      this.#workers = await this.#source.start(this);
    } catch (error) {
      this.#break(error instanceof Error ? error : new BrokenExecutorError(String(error)));
      return;
    }
    this.#started = true;
    for (const worker of this.#workers.keys()) {
      this.#scheduler.addWorker();
      this.#defined[worker] = new Set();
    }
    for (const session of this.#sessions.values()) this.#setUp(session);
    this.#flush();
  }

  #setUp(session: Session): void {
    let message: Uint8Array;
    try {
      message = encodeMessage(MessageKind.setup, session.setup);
    } catch (cause) {
      session.break(
        new BrokenExecutorError('The options of the executor cannot be sent', { cause }),
      );
      return;
    }
    for (const worker of this.#workers.keys()) {
      if (this.#lost.has(worker)) continue;
      session.settingUp(worker);
      this.#source.send(worker, message, message.byteLength);
    }
    this.#updateKeepAlive();
  }

  #sessionReady(worker: number, { session: id, error }: SessionReady): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    if (error !== undefined) {
      const cause = restoreError(error as RemoteError, this.#whereIs(worker));
      const broken = new BrokenExecutorError('An executor could not be set up on a worker', {
        cause,
      });
      session.break(broken);
      for (const task of [...this.#inFlight.values()])
        if (task.owner === session) task.fail(broken);
    }
    session.setUp(worker);
    this.#updateKeepAlive();
  }

  #flush(): void {
    if (!this.#started) return;
    if (this.#scheduler.queued > 0) this.#scheduler.dispatchAll();
    this.#updateKeepAlive();
  }

  #dispatch(worker: number, batch: readonly PoolTask[]): void {
    const defined = this.#defined[worker];
    for (const task of batch) {
      if (defined?.has(task.kind) === false) {
        defined.add(task.kind);
        const definition = encodeMessage(MessageKind.define, task.definition);
        this.#source.send(worker, definition, definition.byteLength);
      }
      startFuture(task.future);
      this.#inFlight.set(task.id, task);
      this.#writer.add(task.owner.id, task.id, task.kind, task.flags, task.value, 0);
      task.value = undefined;
    }
    this.#writer.finish((payload, length, buffers) => {
      this.#source.send(worker, payload, length, buffers);
    });
  }

  #settle(entry: BatchEntry): void {
    const task = this.#inFlight.get(entry.id);
    if (task === undefined) return;
    const { worker } = task;
    this.#inFlight.delete(entry.id);
    this.#scheduler.completed(task, entry.runTime);
    if (!task.future.done()) this.#settleFuture(task, entry, worker);
    task.owner.taskEnded();
  }

  #settleFuture(task: PoolTask, entry: BatchEntry, worker: number): void {
    try {
      const value = valueOf(entry);
      if (entry.flags === resultFlags.value) resolveFuture(task.future, value);
      else task.fail(restoreError(value as RemoteError, this.#whereIs(worker)));
    } catch (error) {
      task.fail(error);
    }
  }

  /** Ends a task that no worker will answer. */
  #end(task: PoolTask, error: Error): void {
    this.#inFlight.delete(task.id);
    if (!task.future.done()) task.fail(error);
    task.owner.taskEnded();
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const task of [...this.#inFlight.values()]) this.#end(task, error);
    for (const session of this.#sessions.values()) session.break(error);
    this.#updateKeepAlive();
  }

  #whereIs(worker: number): string {
    const host = this.#workers[worker]?.host ?? 'an unknown host';
    return `at worker ${worker} of ${this.#workers.length} on ${host}`;
  }

  // While anything is outstanding the program goes on, and the MPI thread looks for answers.
  #updateKeepAlive(): void {
    if (!this.#started) return;
    const busy =
      this.#broken === undefined &&
      (this.#inFlight.size > 0 || this.#scheduler.queued > 0 || this.#isSettingUp());
    if (busy === this.#keptAlive) return;
    this.#keptAlive = busy;
    this.#source.keepAlive(busy);
  }

  #isSettingUp(): boolean {
    for (const session of this.#sessions.values()) if (session.isSettingUp) return true;
    return false;
  }
}
