/**
 * The real pool, with its scheduler and its messages, over workers that are simulated. The master's time is the time it really
 * takes; that of workers and messages is virtual, and is not waited for: so one process has as many workers as it likes.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectGarbage } from '../programs/workloads/memory.mjs';
import { fromSource } from '../support/from_source.mjs';

const {
  Agenda,
  BatchWriter,
  encodeMessage,
  MessageKind,
  plainSnapshot,
  Pool,
  PoolTask,
  readBatch,
} = await fromSource('scaling', [
  'lib/pool/pool',
  'lib/pool/pool_task',
  'lib/tasks/batches',
  'lib/tasks/messages',
  'lib/values/buffers/snapshot',
  'test/unit/simulated_cluster',
]);

/** In ms: how long a worker keeps a result while it has more to do, as real ones do. */
const LONGEST_HOLD = 1;
const NO_ARGUMENTS = '[]';
const VALUE = 0;

/**
 * @typedef {object} Work
 * @property {number} workers
 * @property {number} tasks all submitted at once
 * @property {number} runTime ms of each on its worker
 * @property {number} [latency] ms that a message is on its way
 * @property {number} [native] ms of the master's time for each message, in or out, that are not JavaScript's
 *
 * @typedef {object} Outcome
 * @property {number} cpu µs of the master's CPU for each task, with what runs beside its JavaScript, such as the garbage collector
 * @property {number} makespan ms of virtual time
 * @property {number} efficiency the time of an ideal schedule, divided by that
 * @property {number} messages sent and received, for each task
 * @property {number} bytes in them, for each task
 * @property {number} heap bytes of the master's heap for each worker, before there are tasks
 */

/** @param {Work} work @returns {Promise<Outcome>} */
export async function simulate(work) {
  const { workers, tasks, runTime } = work;
  const cluster = new SimulatedWorkers(work);
  const heapBefore = heapUsed();
  const pool = new Pool(cluster);
  const client = pool.addClient({
    ...{ setup: {}, functions: [], codec: undefined },
    ...{ bootTimeout: 600_000, heartbeat: 600_000 },
  });
  await pool.start();
  for (let worker = 0; worker < workers; worker++) cluster.isReady(worker, client.id);
  await client.ready();
  cluster.sent.length = 0;
  const heap = (heapUsed() - heapBefore) / workers;

  const results = new Array(tasks);
  await cluster.masterTurn(() => {
    for (let i = 0; i < tasks; i++)
      results[i] = client.submit(new PoolTask(0, 0, 0, NO_ARGUMENTS, {}), null);
  });
  let ended = false;
  const all = Promise.all(results).then(() => (ended = true));
  while (!ended) await cluster.nextMessages();
  await all;
  await pool.stop();
  return {
    cpu: cluster.cpu / tasks,
    makespan: cluster.now,
    efficiency: (Math.ceil(tasks / workers) * runTime) / cluster.now,
    messages: cluster.messages / tasks,
    bytes: cluster.bytes / tasks,
    heap,
  };
}

function heapUsed() {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

class SimulatedWorkers {
  snapshot = plainSnapshot;
  /** Virtual time, ms. */
  now = 0;
  /** Of the master, µs. */
  cpu = 0;
  messages = 0;
  bytes = 0;
  /** By the turn of the master that has just ended. */
  sent = [];
  #events;
  #answers = new Agenda();
  #freeAt;
  #turnBegan = 0;
  #writer = new BatchWriter(MessageKind.results, true);
  #runTime;
  #latency;
  #native;

  constructor({ workers, runTime, latency = 0.03, native = 0 }) {
    this.#runTime = runTime;
    this.#latency = latency;
    this.#native = native;
    this.#freeAt = new Float64Array(workers);
  }

  start(events) {
    this.#events = events;
    return Promise.resolve(Array.from(this.#freeAt, (_, rank) => this.#link(rank)));
  }

  keepAlive() {}

  stop() {
    return Promise.resolve();
  }

  isReady(worker, client) {
    const ready = encodeMessage(MessageKind.ready, { client, error: undefined });
    this.#events.message(worker, Buffer.from(ready), undefined);
    this.#events.batchEnded();
  }

  /** Something that the master does; it takes as long as it does. */
  async masterTurn(action) {
    const before = process.cpuUsage();
    this.#turnBegan = performance.now();
    action();
    await nextTurn();
    this.now += performance.now() - this.#turnBegan;
    const { user, system } = process.cpuUsage(before);
    this.cpu += user + system;
    for (const message of this.sent) this.#arrives(message);
    this.messages += this.sent.length;
    this.now += this.sent.length * this.#native;
    this.sent.length = 0;
  }

  /** The master gets all that have come; if none has, time passes until one does. */
  async nextMessages() {
    this.now = Math.max(this.now, this.#answers.nextTime);
    const messages = [];
    while (this.#answers.nextTime <= this.now) messages.push(this.#answers.take()());
    this.now += messages.length * this.#native;
    this.messages += messages.length;
    for (const { payload } of messages) this.bytes += payload.length;
    await this.masterTurn(() => {
      for (const { worker, payload } of messages) this.#events.message(worker, payload, undefined);
      this.#events.batchEnded();
    });
  }

  #link(worker) {
    return {
      ...{ rank: worker, host: 'simulated', pid: worker },
      send: (payload, length) => {
        const at = this.now + performance.now() - this.#turnBegan;
        this.bytes += length;
        this.sent.push({ worker, at, payload: Buffer.from(payload.subarray(0, length)) });
      },
      sendLasting() {},
    };
  }

  /** The worker does its tasks one after the other, and answers several at once where they are short. */
  #arrives({ worker, at, payload }) {
    if (payload[0] !== MessageKind.tasks) return;
    let time = Math.max(this.#freeAt[worker], at + this.#latency);
    let held = [];
    let heldSince = time;
    const answer = () => {
      const ids = held;
      held = [];
      if (ids.length > 0)
        this.#answers.add(time + this.#latency, () => ({ worker, payload: this.#results(ids) }));
    };
    readBatch(payload, undefined, false, ({ client, id }) => {
      if (held.length === 0) heldSince = time;
      time += this.#runTime;
      held.push({ client, id });
      if (time - heldSince >= LONGEST_HOLD) answer();
    });
    answer();
    this.#freeAt[worker] = time;
  }

  #results(ids) {
    let message;
    for (const { client, id } of ids) this.#writer.add(client, id, 0, VALUE, '1', this.#runTime);
    this.#writer.finish((payload, length) => (message = Buffer.from(payload.subarray(0, length))));
    return message;
  }
}
