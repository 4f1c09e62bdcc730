/**
 * Workers at the other end of a channel, however they were started. The handshake is short: each worker says hello and
 * the master welcomes it. Afterwards both know how to wake each other and which processes to watch.
 */

import { hostname } from 'node:os';

import { SpawnError } from '../errors.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { Condition } from '../futures/condition.js';
import { Channel, type ChannelReceiver } from '../addon/channel.js';
import { processEnding } from '../addon/ending.js';
import { hold, release } from '../addon/keep_alive.js';
import type { DirectOffer } from '../tasks/addresses.js';
import type { MpiProcess } from '../addon/mpi_process.js';
import { unwatchProcess, watchProcess } from '../addon/process_watch.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type Hello,
  type Isolate,
  type NextSandbox,
  type Release,
  type SandboxEnd,
  type SandboxRuns,
  type Welcome,
} from '../tasks/messages.js';
import { Claims, claimsSize } from '../tasks/claims.js';
import { settledWithin } from '../futures/wait_limits.js';
import { printOutput, warnUser } from './print_output.js';
import { mainModule } from '../process/main_module.js';
import { StoppedProcesses, wasStopped } from '../process/stopped_processes.js';
import { ConnectedWorker } from './connected_worker.js';
import { DirectWay } from './direct_way.js';
import { endReason, type EndReason } from './end_reason.js';
import { isOnThisHost } from './same_host.js';
import { Sandbox } from './sandbox_state.js';
import { lossOfSandbox, lossOfWorker, processHasEnded } from './worker_loss.js';
import { WorkerOutput } from './worker_output.js';
import type { WorkerEvents, WorkerLink } from './worker_source.js';

/** The communicator to the workers, their numbers, and the time limits. */
export interface Connection {
  readonly mpi: MpiProcess;
  readonly communicator: NativeCommunicator;
  /** The rank of the first worker in the communicator (in its remote group); the others follow. */
  readonly firstRank: number;
  /** The number of the first worker in the pool, which is the rank that users see; the others follow. */
  readonly firstNumber: number;
  readonly count: number;
  /** True if all processes must end when one worker ends without being told to. */
  readonly abortsOthers: boolean;
  /** Milliseconds until all workers must have said hello. */
  readonly deadline: number;
  /** Milliseconds of silence after which a worker that cannot be watched is lost. */
  readonly heartbeat: number;
  /** True if the tasks of the workers run in sandboxes; undefined where they never can. */
  readonly isolates?: boolean;
}

/** Milliseconds for everything sent to leave, when the workers are told to end. */
const closeTimeout = 5000;

/** Called with the numbers of workers that cannot be reached any more, and of those that are lost. */
export type LossEvents = Pick<WorkerEvents, 'leaves' | 'lost'>;

/** The workers of one communicator: passes their messages to the pool, and reports each lost worker once. */
export class ConnectedWorkers implements ChannelReceiver {
  readonly #connection: Connection;
  readonly #events: WorkerEvents;
  readonly #losses: LossEvents;
  readonly #channel: Channel;
  readonly #workers: (ConnectedWorker | undefined)[];
  /** The reasons why workers are about to be lost. */
  readonly #reasons = new Map<number, string>();
  readonly #lost = new Set<number>();
  readonly #watched = new Set<number>();
  readonly #stopped: StoppedProcesses;
  readonly #unwatched = new Set<number>();
  readonly #outputs: (WorkerOutput | undefined)[] = [];
  #heartbeat: number;
  #ending = false;
  /** The workers that go on with the program. */
  readonly #left = new Set<number>();
  /** The memory that each one shares with this process. */
  readonly #claims: (Claims | undefined)[] = [];
  #isolates: boolean;
  readonly #whenConnected = new Condition(() => this.#missing().length === 0);
  readonly #whenEnded = new Condition(() => this.#watched.size === 0);
  readonly #whenReleased = new Condition(
    () => this.#left.size + this.#lost.size === this.#connection.count,
  );
  #isReleasing = false;

  /** @param losses - default: `events` */
  constructor(connection: Connection, events: WorkerEvents, losses: LossEvents = events) {
    this.#connection = connection;
    this.#events = events;
    this.#losses = losses;
    this.#heartbeat = connection.heartbeat;
    this.#stopped = new StoppedProcesses(connection.heartbeat);
    this.#isolates = connection.isolates === true;
    this.#workers = new Array<undefined>(connection.count).fill(undefined);
    this.#channel = Channel.over(connection.mpi.addon, connection.communicator, false, this);
  }

  /** The time limit of {@link connected}, in milliseconds. */
  get deadline(): number {
    return this.#connection.deadline;
  }

  /** Resolves when every worker has said hello; rejects if one has not by the deadline. */
  async connected(): Promise<readonly WorkerLink[]> {
    const { deadline, count } = this.#connection;
    const answered = this.#whenConnected.wait().then(() => true);
    if ((await settledWithin(deadline, answered)) === undefined) {
      const expected = `Expected ${count} workers within ${Math.round(deadline)} ms`; // the time that the spawn has left
      throw new SpawnError(`${expected} but have not heard from ${this.#workersMissing()}`);
    }
    return this.#workers as ConnectedWorker[];
  }

  /** Describes the workers that {@link connected} still waits for. */
  waitsFor(): string {
    return `MPI has started, but this process has not heard from ${this.#workersMissing()}`;
  }

  /** Changes the limit of silence, in milliseconds. */
  setHeartbeat(limit: number): void {
    this.#heartbeat = limit;
    this.#stopped.setLimit(limit);
    for (const rank of this.#unwatched) this.#channel.heartbeat(rank, limit);
    if (!this.#isolates) return;
    for (const link of this.#workers) if (link !== undefined) this.#tellToIsolate(link);
  }

  /** From now on the tasks of all workers run in sandboxes. Nothing was sent to them before. */
  isolate(): void {
    if (this.#isolates) return;
    this.#isolates = true;
    for (const worker of this.#workers.keys()) this.#isolate(worker);
  }

  /** The rank in the pool of the worker with this number; undefined if it is none of these. */
  rankOf(number: number): number | undefined {
    return this.#workers.find((worker) => worker?.number === number)?.rank;
  }

  /**
   * Starts the next sandbox of a worker whose sandbox has ended; undefined if it is none of these.
   *
   * @throws {SpawnError} (as a rejection) if it does not start, with the reason as cause if it has ended
   */
  replace(number: number): Promise<WorkerLink> | undefined {
    const worker = this.#workers.findIndex((link) => link?.number === number);
    const before = this.#workers[worker];
    if (before?.sandbox?.isOver !== true || this.#lost.has(worker)) return undefined;
    const claims = this.#claims[worker];
    claims?.clear();
    const link = before.next(claims, () => {
      this.#sandboxIsOver(worker);
    });
    this.#workers[worker] = link;
    const next: NextSandbox = { number: link.sandbox!.number, isClear: claims !== undefined };
    link.tell(MessageKind.nextSandbox, next);
    return this.#running(link);
  }

  async #running(link: ConnectedWorker): Promise<WorkerLink> {
    const { mpi, deadline } = this.#connection;
    hold(mpi.addon); // its answer may come by MPI, for which nobody rings
    try {
      const running = link.sandbox!.running().then(() => true);
      if ((await settledWithin(deadline, running)) === undefined)
        throw new SpawnError(
          `The sandbox of worker ${link.rank} has not started in ${Math.round(deadline)} ms`,
        );
      return link;
    } finally {
      release(mpi.addon);
    }
  }

  /**
   * Tells all workers to end. The communicator can be disconnected only if none was lost, because that call is
   * collective.
   *
   * @param wereThere - true if all workers had connected
   */
  async quit(wereThere: boolean): Promise<{ allThere: boolean }> {
    const { firstRank, count } = this.#connection;
    const allThere = wereThere && this.#lost.size === 0;
    this.#ending = true;
    // A sandbox that starts at present is waited for no more.
    for (const worker of this.#workers) worker?.sandbox?.failed(new Error('The pool has ended'));
    for (let worker = 0; worker < count; worker++) {
      // What was never heard from may be dead. MPI would look for its address, which under Open MPI 5 blocks for ever.
      const isThere = this.#workers[worker] !== undefined && !this.#lost.has(worker);
      if (isThere) this.#channel.quit(worker + firstRank, allThere);
    }
    await settledWithin(closeTimeout, this.#close());
    return { allThere };
  }

  /**
   * Lets all workers go on with the program, once they have done the tasks that were sent. Resolves like {@link quit},
   * when each has answered or was lost.
   */
  async release(): Promise<{ allThere: boolean }> {
    const lost = this.#lost.size;
    const message = encodeMessage(MessageKind.release, {
      disconnect: lost === 0,
    } satisfies Release);
    this.#isReleasing = true;
    for (const worker of this.#workers) worker?.send(message, message.byteLength);
    await this.#whenReleased.wait();
    this.#ending = true;
    this.#watchNoMore();
    await settledWithin(closeTimeout, this.#close());
    return { allThere: this.#lost.size === 0 };
  }

  async #close(): Promise<void> {
    const ways = this.#workers.map((worker) => worker?.direct?.close());
    await Promise.all([this.#channel.close(), ...ways]);
  }

  /** Resolves when the processes on this host have ended, or after `deadline` milliseconds. */
  async ended(deadline: number): Promise<void> {
    await settledWithin(deadline, this.#whenEnded.wait(), false);
    this.#watchNoMore();
    for (const output of this.#outputs) output?.close();
  }

  message(source: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    const worker = source - this.#connection.firstRank;
    this.#receive(worker, () => {
      this.#message(worker, payload, buffers);
    });
  }

  #receive(worker: number, handle: () => void): void {
    if (this.#lost.has(worker)) return;
    try {
      handle();
    } catch (error) {
      // No message of this worker can be trusted any more; the others are not affected.
      const { message } = error as Error;
      this.#lose(worker, `it has sent an invalid message: ${message}`, error as Error);
      this.#channel.peerEnded(worker + this.#connection.firstRank);
    }
  }

  #message(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    const kind = payload[0];
    if (kind === MessageKind.hello) {
      this.#welcome(worker, decodeMessage(payload) as Hello);
      return;
    }
    if (this.#workers[worker] === undefined) throw new Error('it has not said hello');
    switch (kind) {
      case MessageKind.released:
        this.#hasLeft(worker);
        break;
      case MessageKind.sandboxRuns:
        this.#runs(worker, decodeMessage(payload) as SandboxRuns);
        break;
      case MessageKind.directUsed:
        this.#workers[worker].direct?.isUsed();
        this.#workers[worker].sandbox?.received();
        break;
      case MessageKind.sandboxEnded:
        this.#workers[worker].direct?.hasEnded();
        this.#sandboxOf(worker).hasEnded(decodeMessage(payload) as SandboxEnd);
        this.#leaves(worker);
        break;
      default:
        this.#ofTasks(worker, payload, buffers);
        if (kind !== MessageKind.output) this.#workers[worker].sandbox?.received();
    }
  }

  /** Handles a message of the process in which the tasks run. */
  #ofTasks(worker: number, payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    switch (payload[0]) {
      case MessageKind.output:
        printOutput(payload);
        this.#outputs[worker]?.message(payload);
        break;
      case MessageKind.warning:
        warnUser(payload);
        break;
      default:
        this.#events.message(this.#numberOf(worker), payload, buffers);
    }
  }

  #runs(worker: number, { pid, direct }: SandboxRuns): void {
    this.#sandboxOf(worker).runs();
    this.#workers[worker]!.pid = pid;
    this.#events.runs?.(this.#numberOf(worker));
    if (direct !== undefined) this.#openDirectWay(worker, direct);
  }

  /** From now on all goes directly to the sandbox, and the worker need not be woken. */
  #openDirectWay(worker: number, offer: DirectOffer): void {
    const link = this.#workers[worker]!;
    const sandbox = this.#sandboxOf(worker);
    const way = DirectWay.open(this.#connection.mpi.addon, offer, {
      message: (payload, buffers) => {
        if (!this.#lost.has(worker)) this.#ofTasks(worker, payload, buffers);
      },
      batchEnded: () => {
        this.batchEnded();
      },
      over: (damage) => {
        if (sandbox.end === undefined) link.endSandbox(damage, false);
        sandbox.isApart();
      },
    });
    if (way === undefined) return;
    link.tell(MessageKind.direct, undefined);
    link.direct = way;
    sandbox.isConnected();
  }

  #sandboxOf(worker: number): Sandbox {
    const sandbox = this.#workers[worker]?.sandbox;
    if (sandbox === undefined) throw new Error('it has no sandbox');
    return sandbox;
  }

  #isolate(worker: number): void {
    const link = this.#workers[worker];
    if (link === undefined || !this.#isolates) return;
    link.isolate(
      new Sandbox(0, () => {
        this.#sandboxIsOver(worker);
      }),
    );
    this.#tellToIsolate(link);
  }

  #tellToIsolate(link: ConnectedWorker): void {
    link.tell(MessageKind.isolate, { heartbeat: this.#heartbeat } satisfies Isolate);
  }

  /** The sandbox has ended, and all that it had sent is here. */
  #sandboxIsOver(worker: number): void {
    const link = this.#workers[worker]!;
    const { hasJoined, end, endedFor } = link.sandbox!;
    link.isLost = true;
    // Now it is known to this master, too, which tasks it had begun.
    const { claims } = end!;
    if (claims !== undefined) link.claims ??= new Claims(claims.slice().buffer);
    const error = lossOfSandbox(link, end!, endedFor);
    if (hasJoined) this.#events.lost(link.number, error);
    else link.sandbox!.failed(error);
  }

  #numberOf(worker: number): number {
    return this.#workers[worker]?.number ?? worker + this.#connection.firstNumber;
  }

  batchEnded(): void {
    this.#events.batchEnded();
  }

  leaves(peer: number): void {
    this.#leaves(peer - this.#connection.firstRank);
  }

  lost(peer: number, error: Error): void {
    const worker = peer - this.#connection.firstRank;
    const known = this.#reasons.get(worker);
    const lose = (): void => {
      if (known === undefined) this.#lose(worker, error.message, error);
      else this.#lose(worker, known);
    };
    // Its sandbox has ended with it.
    const way = this.#workers[worker]?.direct;
    if (way === undefined) lose();
    else way.hasEnded(lose);
  }

  #welcome(worker: number, hello: Hello): void {
    const { mpi, firstRank, firstNumber, abortsOthers } = this.#connection;
    const rank = worker + firstRank;
    const rankInPool = worker + firstNumber;
    if (this.#workers[worker] !== undefined) throw new Error('it has said hello twice');
    // A doorbell that can be reached is proof that the process id means the same process here.
    const isReached = this.#channel.connectDoorbell(rank, hello.doorbell);
    const claims = isReached ? this.#claimsOf(hello) : undefined;
    this.#claims[worker] = claims;
    this.#workers[worker] = new ConnectedWorker(
      this.#channel,
      rank,
      rankInPool,
      this.#numberOf(worker),
      hello,
      claims,
      hello.claims !== undefined,
    );
    const rings = isReached ? this.#channel.openRings(rank, hello.rings) : -1;
    const output = new WorkerOutput(hello.pid);
    this.#outputs[worker] = output;
    const welcome: Welcome = {
      host: hostname(),
      pid: process.pid,
      doorbell: mpi.addon.doorbell(),
      rings,
      rank: rankInPool,
      abortsOthers,
      readsOutput: isReached && !abortsOthers && output.take(hello.output),
      argv: process.argv.slice(2),
      main: mainModule(),
    };
    const message = encodeMessage(MessageKind.welcome, welcome);
    this.#channel.send(rank, message, message.byteLength);
    if (rings >= 0) this.#channel.useRings(rank, hello.rings);
    this.#isolate(worker);
    if (isReached || isOnThisHost(hello)) {
      this.#watch(worker, hello.pid);
    } else {
      this.#unwatched.add(rank);
      this.#channel.heartbeat(rank, this.#heartbeat);
    }
    this.#whenConnected.check();
  }

  #claimsOf({ claims }: Hello): Claims | undefined {
    const memory = claims && this.#connection.mpi.addon.openMemory(claims, claimsSize);
    return memory && new Claims(memory);
  }

  #watch(worker: number, pid: number): void {
    const hasEnded = (): void => {
      this.#watched.delete(pid);
      this.#stopped.forget(pid);
      if (!this.#ending) this.#hasEnded(worker, processHasEnded);
      this.#whenEnded.check();
    };
    this.#watched.add(pid);
    this.#stopped.watch(pid, (milliseconds) => {
      this.#isStopped(worker, pid, milliseconds);
    });
    if (!watchProcess(this.#connection.mpi.addon, pid, hasEnded)) hasEnded();
  }

  #watchNoMore(): void {
    for (const pid of this.#watched) unwatchProcess(this.#connection.mpi.addon, pid);
    this.#stopped.forgetAll();
  }

  /** A keeper is not lost while it is stopped: its sandbox goes on, and messages go to that directly. */
  #isStopped(worker: number, pid: number, milliseconds: number): void {
    if (this.#isolates || this.#ending) return;
    this.#watched.delete(pid);
    unwatchProcess(this.#connection.mpi.addon, pid);
    this.#hasEnded(worker, `its process ${wasStopped(milliseconds)}`);
  }

  /** Notes that the process of a worker has ended. Everything that it had sent is received before it is lost. */
  #hasEnded(worker: number, reason: string): void {
    if (this.#lost.has(worker) || this.#left.has(worker)) return;
    this.#reasons.set(worker, reason);
    this.#leaves(worker);
    this.#channel.peerEnded(worker + this.#connection.firstRank);
  }

  #leaves(worker: number): void {
    if (this.#lost.has(worker)) return; // another one may have its place
    this.#losses.leaves?.(this.#numberOf(worker));
  }

  #hasLeft(worker: number): void {
    if (!this.#isReleasing) throw new Error('it has left unasked');
    this.#left.add(worker);
    this.#whenReleased.check();
  }

  #workersMissing(): string {
    const { firstNumber } = this.#connection;
    const ranks = this.#missing().map((worker) => worker + firstNumber);
    return `worker ${ranks.join(', ')}`;
  }

  #missing(): number[] {
    return [...this.#workers.keys()].filter((worker) => this.#workers[worker] === undefined);
  }

  #lose(worker: number, reason: string, cause?: Error): void {
    if (this.#lost.has(worker) || this.#left.has(worker)) return;
    this.#lost.add(worker);
    processEnding().workerLost();
    const link = this.#workers[worker];
    if (link !== undefined) link.isLost = true;
    void link?.direct?.close();
    const { host, pid } = link ?? {};
    const rank = worker + this.#connection.firstNumber;
    const couldIsolate = this.#connection.isolates !== undefined && !this.#isolates;
    const ended = this.#endReasonOf(worker);
    const error = lossOfWorker({ rank, host, pid }, reason, ended, couldIsolate, cause);
    this.#whenConnected.fail(new SpawnError(error.message, { cause: error }));
    link?.sandbox?.failed(error);
    this.#losses.lost(this.#numberOf(worker), error);
    this.#whenReleased.check();
  }

  #endReasonOf(worker: number): EndReason {
    const output = this.#outputs[worker];
    const pid = this.#workers[worker]?.pid;
    output?.close();
    return output === undefined || pid === undefined ? {} : endReason(output, pid);
  }
}
