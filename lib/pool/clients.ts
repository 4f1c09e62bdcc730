/**
 * The clients of a pool: the executors that share its workers. Each is set up on every worker, in the order in which they have begun,
 * and one that fails there breaks alone.
 */

import { BrokenExecutorError } from '../errors.js';
import type { PoolTask } from './pool_task.js';
import { encodeMessage, MessageKind, setUpFailed, type ClientReady } from '../tasks/messages.js';
import { addPlace } from '../tasks/remote_error.js';
import type { PackedValue } from '../values/value_codec.js';
import { decodeStructure, functionsIn } from '../values/structure.js';
import type { TaskQueue } from '../scheduling/task_queue.js';
import { Client, type ClientOptions, type ClientPool } from './client.js';
import { debuggerOrder } from './inspected_worker.js';
import type { PooledWorker } from './pooled_worker.js';
import type { SentDefinitions } from './sent_definitions.js';
import type { PoolWithSetUps } from './set_up.js';

/** The pool, as this file uses it. */
export interface PoolWithClients extends ClientPool {
  /** The workers by number, including the lost ones. */
  readonly workers: readonly PooledWorker[];
  readonly startedWith: number;
  /** Allocates memory for messages that go to many workers; undefined: any will do. */
  readonly lastingMemory: ((size: number) => Uint8Array) | undefined;
  readonly definitions: SentDefinitions;
  /** The tasks that the worker has not answered, in the order in which they were sent. */
  tasksOf(worker: number): PoolTask[];
  /** All tasks that were sent and have not ended. */
  unended(): PoolTask[];
  /** Ends the worker, where that can be done. */
  endWorker(worker: number, why: string): void;
  /** The end of a stack: the place of the worker, in words. */
  whereIs(worker: PooledWorker): string;
}

/** All clients of one pool, by their ids. */
export class Clients implements PoolWithSetUps, Iterable<Client> {
  readonly #pool: PoolWithClients;
  readonly #clients = new Map<number, Client>();
  #next = 0;

  constructor(pool: PoolWithClients) {
    this.#pool = pool;
  }

  [Symbol.iterator](): Iterator<Client> {
    return this.#clients.values();
  }

  get startedWith(): number {
    return this.#pool.startedWith;
  }

  /** True while a worker has not answered a set-up. */
  get areSettingUp(): boolean {
    for (const client of this) if (client.setUp.isUnderWay) return true;
    return false;
  }

  add(queue: TaskQueue<PoolTask>, options: ClientOptions): Client {
    const client = new Client(this.#pool, this, queue, this.#next++, options);
    this.#clients.set(client.id, client);
    return client;
  }

  remove(client: Client): void {
    this.#clients.delete(client.id);
    client.close();
  }

  /** Lets workers that go on for other clients forget a closed one. */
  forget({ id }: Client): void {
    const message = encodeMessage(MessageKind.clientOver, id);
    for (const { link } of this.#pool.workers) link.send(message, message.byteLength);
  }

  /** Sends the worker the set-up of one client. */
  setUpOn(worker: number, client: Client): void {
    const { definitions, lastingMemory, workers } = this.#pool;
    const to = workers[worker]!;
    client.setUp.sent(worker);
    inspect(to);
    for (const id of client.options.functions) definitions.send(to, id);
    to.link.sendLasting(client.setUp.message(lastingMemory));
  }

  /** Sends a worker that has joined the set-ups of all clients. */
  setUpAllOn(worker: number): void {
    for (const client of this)
      if (client.broken === undefined) this.setUpOn(worker, client);
      else client.setUp.over(worker);
  }

  /** A worker has answered a set-up. */
  ready(worker: number, { client: id, error }: ClientReady): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    const from = this.#pool.workers[worker]!;
    const pending =
      error === undefined ? undefined : from.functions.prepare(functionsIn(error.bytes));
    const answered = (): void => {
      if (this.#pool.workers[worker] !== from) return; // another one has its place
      if (error !== undefined) this.break(client, this.#thrown(error, from));
      else client.wasSetUp(worker);
      client.setUp.over(worker);
      this.#pool.updateKeepAlive();
    };
    if (pending === undefined) answered();
    else void pending.then(answered);
  }

  /** The client whose set-up the worker is doing; undefined if it has done all. */
  inSetUpOf(worker: number): Client | undefined {
    // Set-ups are done in the order in which the executors have begun.
    for (const client of this)
      if (client.broken === undefined && client.setUp.missing.includes(worker)) return client;
    return undefined;
  }

  /** No worker has this place any more. */
  over(worker: number): void {
    for (const client of this) client.setUp.over(worker);
  }

  /** Makes the tasks of one client fail, now and later. */
  break(client: Client, cause: unknown): void {
    if (client.broken !== undefined) return;
    const broken = new BrokenExecutorError(setUpFailed, { cause });
    client.break(broken);
    for (const task of this.#pool.unended())
      if (task.owner === client && !task.future.done()) task.fail(broken);
  }

  setUpOverdue(id: number, error: BrokenExecutorError): void {
    const { abandoned, workers } = this.#pool;
    const client = this.#clients.get(id)!;
    client.break(error);
    for (const task of workers.flatMap(({ sent }) => sent.all()))
      if (task.owner === client && !abandoned.has(task)) abandoned.add(task, error);
    for (const worker of client.setUp.missing) {
      client.setUp.over(worker);
      if (this.#clients.size > 1) this.#pool.endWorker(worker, error.message); // others need it
    }
    this.#pool.updateKeepAlive();
  }

  worksForOthers(worker: number, client: number): boolean {
    return this.#pool.tasksOf(worker).some(({ owner }) => owner.id !== client);
  }

  #thrown({ bytes, buffers = [] }: PackedValue, from: PooledWorker): unknown {
    try {
      const thrown = decodeStructure(bytes, buffers, from.functions);
      return addPlace(thrown, this.#pool.whereIs(from));
    } catch (undecodable) {
      return undecodable;
    }
  }
}

/**
 * Has the worker open its debugger, if it is the one that is named. Not earlier than the first set-up: until then a rank of the
 * launcher may become the keeper of a sandbox. A second order has no effect.
 */
function inspect({ link }: PooledWorker): void {
  const order = debuggerOrder(link.rank);
  if (order === undefined) return;
  const message = encodeMessage(MessageKind.debug, order);
  link.send(message, message.byteLength);
}
