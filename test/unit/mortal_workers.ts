/**
 * Workers on jest's clock that do what real ones may: they take their time, never end a task, heed a signal or not, die with
 * or without their last messages, are ended, and are replaced. Whoever makes them decides by a seed, so that each run is the same.
 */
import { WorkerLostError } from '../../lib/errors.js';
import { BatchWriter, readBatch, resultFlags, taskFlags } from '../../lib/tasks/batches.js';
import { Claims, claimsSize } from '../../lib/tasks/claims.js';
import { decodeMessage, encodeMessage, MessageKind } from '../../lib/tasks/messages.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import type { WorkerEvents, WorkerLink, WorkerSource } from '../../lib/workers/worker_source.js';

/** What a task does: its arguments. */
export interface Conduct {
  readonly number: number;
  /** Milliseconds; null: it never ends by itself. */
  readonly time: number | null;
  /** True if it ends when its signal is aborted. */
  readonly heeds: boolean;
}

/** Milliseconds that a message takes. */
const latency = 1;

interface Given {
  readonly client: number;
  readonly id: number;
  readonly flags: number;
  readonly conduct: Conduct;
}

export interface MortalOptions {
  readonly count: number;
  /** True if what was sent can be called back. */
  readonly givesBack: boolean;
  /** True if the pool can end a worker. */
  readonly canEnd: boolean;
  /** Milliseconds until there is another one in the place of a lost one. */
  readonly restart: number;
}

export class MortalWorkers implements WorkerSource {
  readonly snapshot = plainSnapshot;
  /** The numbers of the tasks that began, each with its worker: the schedule. */
  readonly begun: [number: number, worker: number][] = [];
  readonly #options: MortalOptions;
  #events!: WorkerEvents;
  readonly #workers: MortalWorker[] = [];

  constructor(options: MortalOptions) {
    this.#options = options;
  }

  start(events: WorkerEvents): Promise<readonly WorkerLink[]> {
    this.#events = events;
    const numbers = [...Array(this.#options.count).keys()];
    return Promise.resolve(numbers.map((number) => this.#create(number)));
  }

  replace(lost: number): Promise<WorkerLink> {
    return new Promise((resolve) => {
      setTimeout(() => {
        resolve(this.#create(lost));
      }, this.#options.restart);
    });
  }

  keepAlive(): void {
    // Nothing keeps a test alive.
  }

  stop(): Promise<void> {
    for (const worker of this.#workers) worker.stops();
    return Promise.resolve();
  }

  /** The process of a worker dies; the master learns it a message later. */
  dies(number: number): void {
    this.#workers[number]?.dies();
  }

  /** A worker has more memory than it may have. */
  isFull(number: number): void {
    this.#workers[number]?.says(encodeMessage(MessageKind.full, undefined));
  }

  #create(number: number): WorkerLink {
    const worker = new MortalWorker(number, this.#options, this.#events, this.begun);
    this.#workers[number] = worker;
    return worker;
  }
}

class MortalWorker implements WorkerLink {
  readonly host = 'h';
  readonly pid = 1;
  readonly rank: number;
  readonly claims: Claims | undefined;
  readonly end?: (reason: string) => void;
  isAlive = true;
  #isLost = false;
  readonly #events: WorkerEvents;
  readonly #begun: MortalWorkers['begun'];
  readonly #tasks: Given[] = [];
  readonly #aborted = new Set<number>();
  #running: Given | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #writer = new BatchWriter(MessageKind.results, true);

  constructor(
    rank: number,
    { givesBack, canEnd }: MortalOptions,
    events: WorkerEvents,
    begun: MortalWorkers['begun'],
  ) {
    this.rank = rank;
    this.#events = events;
    this.#begun = begun;
    this.claims = givesBack ? new Claims(new ArrayBuffer(claimsSize)) : undefined;
    if (canEnd)
      this.end = (reason) => {
        this.isAlive = false;
        this.#lose(reason);
      };
  }

  send(payload: Uint8Array, length: number): void {
    const message = Buffer.from(payload.slice(0, length));
    setTimeout(() => {
      if (this.isAlive) this.#receive(message);
    }, latency);
  }

  sendLasting(message: Uint8Array): void {
    if (message[0] !== MessageKind.setup) return;
    const { client } = decodeMessage(message) as { client: number };
    setTimeout(() => {
      this.says(encodeMessage(MessageKind.ready, { client, error: undefined }));
    }, latency);
  }

  /** Its pool has ended: nothing of it arrives any more. */
  stops(): void {
    this.isAlive = false;
    this.#isLost = true;
  }

  dies(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    setTimeout(() => {
      if (this.#isLost) return;
      this.#events.leaves!(this.rank);
      setTimeout(() => {
        this.#lose('it has died');
      }, latency);
    }, latency);
  }

  /** What it says arrives also after its death, until it is lost. */
  says(message: Uint8Array): void {
    if (!this.isAlive) return;
    setTimeout(() => {
      if (this.#isLost) return;
      this.#events.message(this.rank, Buffer.from(message), undefined);
      this.#events.batchEnded();
    }, latency);
  }

  #lose(reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const { rank } = this;
    this.#events.lost(rank, new WorkerLostError(reason, { rank, reason }));
  }

  #receive(message: Buffer): void {
    if (message[0] === MessageKind.tasks) {
      readBatch(message, undefined, false, ({ client, id, flags, value }) => {
        this.#tasks.push({ client, id, flags, conduct: (value as [Conduct])[0] });
      });
      this.#next();
    } else if (message[0] === MessageKind.abort)
      this.#abort((decodeMessage(message) as { task: number }).task);
    else if (message[0] === MessageKind.abortOver)
      this.#aborted.delete(decodeMessage(message) as number);
  }

  #abort(task: number): void {
    this.#aborted.add(task);
    const running = this.#running;
    if (running?.id !== task || !running.conduct.heeds) return;
    clearTimeout(this.#timer);
    this.#answer(running, resultFlags.error, '"aborted"');
  }

  #next(): void {
    while (this.#running === undefined) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      if (this.claims?.claim(task.id) === false) continue;
      if (this.#aborted.has(task.id)) {
        this.#say(task, resultFlags.dropped, undefined);
        continue;
      }
      this.#begin(task);
    }
  }

  #begin(task: Given): void {
    this.#running = task;
    this.#begun.push([task.conduct.number, this.rank]);
    if ((task.flags & taskFlags.timed) !== 0)
      this.says(encodeMessage(MessageKind.started, task.id));
    const { time, number } = task.conduct;
    if (time === null) return;
    this.#timer = setTimeout(() => {
      if (this.isAlive) this.#answer(task, resultFlags.value, String(number));
    }, time);
  }

  #answer(task: Given, flags: number, value: string): void {
    this.#running = undefined;
    this.#say(task, flags, value);
    this.#next();
  }

  #say({ client, id, conduct }: Given, flags: number, value: string | undefined): void {
    this.#writer.add(client, id, 0, flags, value, conduct.time ?? 0);
    this.#writer.finish((payload, length) => {
      this.says(new Uint8Array(payload.subarray(0, length)));
    });
  }
}
