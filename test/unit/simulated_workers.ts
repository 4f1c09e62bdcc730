/** Workers that do nothing until a test says what they answer: for races that real processes show once in a thousand runs. */
import { WorkerLostError } from '../../lib/errors.js';
import { Pool } from '../../lib/pool/pool.js';
import { PoolTask } from '../../lib/pool/pool_task.js';
import type { Client, ClientOptions } from '../../lib/pool/client.js';
import type {
  GrowingWorkers,
  WorkerEvents,
  WorkerLink,
  WorkerSource,
} from '../../lib/workers/worker_source.js';
import { Claims, claimsSize } from '../../lib/tasks/claims.js';
import { BatchWriter, readBatch, resultFlags } from '../../lib/tasks/batches.js';
import { encodeMessage, MessageKind } from '../../lib/tasks/messages.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import type { EncodedValue } from '../../lib/values/encoded_value.js';

/** A task to be submitted. */
export function call(args = '[]'): PoolTask {
  return new PoolTask(0, 0, 0, args, {});
}

export function clientOptions(bootTimeout = 60_000): ClientOptions {
  return {
    setup: {} as ClientOptions['setup'],
    functions: [],
    keeps: [],
    codec: undefined,
    bootTimeout,
    heartbeat: 60_000,
    recycling: { maxTasks: Infinity },
  };
}

interface SentTask {
  readonly worker: number;
  readonly client: number;
  readonly id: number;
}

export class SimulatedWorkers implements WorkerSource {
  readonly snapshot = plainSnapshot;
  readonly tasks: SentTask[] = [];
  /** The kinds of all messages to workers, but for tasks. */
  readonly told: number[] = [];
  /** Set-ups and definitions. */
  readonly lasting: Uint8Array[] = [];
  /** On the tasks of each worker that gives back. */
  readonly claims: Claims[] = [];
  readonly #count: number;
  readonly #givesBack: boolean;
  /** The numbers of the workers that the pool has ended; undefined: it cannot. */
  ended: number[] | undefined;
  /** True if the workers are sandboxes. */
  isIsolated = false;
  #links = 0;
  #events: WorkerEvents | undefined;
  readonly #replacements = new Map<number, (link: WorkerLink) => void>();
  #there: ((links: WorkerLink[]) => void) | undefined;

  constructor(count: number, givesBack = false) {
    this.#count = count;
    this.#givesBack = givesBack;
  }

  start(events: WorkerEvents): Promise<readonly WorkerLink[]> {
    this.#events = events;
    return new Promise((resolve) => (this.#there = resolve));
  }

  #link(rank: number, worker = this.#links++): WorkerLink {
    const claims = this.#givesBack ? new Claims(new ArrayBuffer(claimsSize)) : undefined;
    if (claims !== undefined) this.claims[worker] = claims;
    return {
      claims,
      rank,
      host: 'h',
      pid: rank,
      isIsolated: this.isIsolated,
      send: (payload, length) => {
        if (payload[0] !== MessageKind.tasks) {
          this.told.push(payload[0]!);
          return;
        }
        readBatch(Buffer.from(payload.slice(0, length)), undefined, false, ({ client, id }) => {
          this.tasks.push({ worker, client, id });
        });
      },
      sendLasting: (message) => {
        this.lasting.push(message);
      },
      ...(this.ended === undefined ? {} : { end: this.#end(worker, rank) }),
    };
  }

  #end(worker: number, rank: number): (reason: string) => void {
    return (reason) => {
      this.ended!.push(worker);
      this.loses(worker, new WorkerLostError(reason, { rank, reason }));
    };
  }

  /** Workers that the pool can end are replaced when a test says so. */
  replace(lost: number): Promise<WorkerLink> | undefined {
    if (this.ended === undefined) return undefined;
    return new Promise((resolve) => {
      this.#replacements.set(lost, resolve);
    });
  }

  /** Another worker is in the place of a lost one. */
  async replaces(lost: number): Promise<void> {
    this.#replacements.get(lost)!(this.#link(lost, lost));
    await Promise.resolve();
  }

  keepAlive(): void {}

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** All have said hello. */
  areThere(): void {
    this.#there!(Array.from({ length: this.#count }, (_, rank) => this.#link(rank)));
  }

  /** One more is there. */
  adds(rank: number): void {
    this.#events!.added!(this.#link(rank));
  }

  doesNotAdd(error: Error): void {
    this.#events!.notAdded!(error);
  }

  tasksOf(worker: number): SentTask[] {
    return this.tasks.filter((task) => task.worker === worker);
  }

  /** The worker has set up a client. */
  isReady(worker: number, client: number): void {
    this.says(worker, encodeMessage(MessageKind.ready, { client, error: undefined }));
  }

  /** The worker begins the task; false if it was called back. */
  begins({ worker, id }: SentTask): boolean {
    return this.claims[worker]!.claim(id);
  }

  /** The worker has run a task in 1 µs; the result is 1, or `value`. */
  answers(
    { worker, client, id }: SentTask,
    flags: number = resultFlags.value,
    value: EncodedValue = '1',
  ): void {
    const results = new BatchWriter(MessageKind.results, true);
    results.add(client, id, 0, flags, value, 0.001);
    results.finish((payload, length) => {
      this.says(worker, payload.slice(0, length));
    });
  }

  /** The worker has died; what it had sent is still to come. */
  leaves(worker: number): void {
    this.#events!.leaves!(worker);
  }

  loses(worker: number, error: WorkerLostError): void {
    this.#events!.lost(worker, error);
  }

  says(worker: number, message: Uint8Array): void {
    this.#events!.message(worker, Buffer.from(message), undefined);
    this.#events!.batchEnded();
  }
}

/** One worker at first; a test says when more of them come. */
export class SimulatedGrowingWorkers extends SimulatedWorkers {
  readonly wanted: number[] = [];
  readonly growing: GrowingWorkers & { toCome: number };

  constructor(maxWorkers: number) {
    super(1);
    this.growing = {
      maxWorkers,
      toCome: maxWorkers - 1,
      want: (count) => this.wanted.push(count),
      startAll: () => Promise.resolve(),
    };
  }
}

/** The one worker of a pool that has started, and an executor's client that is set up on it. */
export async function poolOfOne(): Promise<{ workers: SimulatedWorkers; client: Client }> {
  const workers = new SimulatedWorkers(1);
  const pool = new Pool(workers);
  const client = pool.addClient(clientOptions());
  const started = pool.start();
  workers.areThere();
  await started;
  workers.isReady(0, client.id);
  return { workers, client };
}
