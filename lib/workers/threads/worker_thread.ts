/** One worker thread: started, watched, and ended. */

import { hostname } from 'node:os';
import {
  MessageChannel,
  type MessagePort,
  type ResourceLimits,
  type Worker,
} from 'node:worker_threads';

import { describeThrown } from '../../describe_thrown.js';
import { WorkerLostError } from '../../errors.js';
import { packageFile } from '../../package_files.js';
import { Claims, claimsSize } from '../../tasks/claims.js';
import { settledWithin } from '../../futures/wait_limits.js';
import { mainModule } from '../../process/main_module.js';
import { endProgram } from '../../process/program_or_worker.js';
import { createThread } from './thread_flags.js';
import { MessageKind } from '../../tasks/messages.js';
import {
  createThreadRings,
  ThreadChannel,
  type ThreadReceiver,
  type ThreadRings,
} from './thread_channel.js';
import type { WorkerLink } from '../worker_source.js';

/** The data passed to the thread's program, lib/worker/thread.ts. */
export interface ThreadData {
  readonly port: MessagePort;
  readonly rings: ThreadRings;
  /** The thread's rank among the workers of the pool. */
  readonly rank: number;
  /** Memory of the claims on its tasks. */
  readonly claims: SharedArrayBuffer;
  /** URL of the program's main module. */
  readonly main: string | undefined;
  /**
   * True if the thread stands for the processes that a pool lacks: it is the only worker, and may ask for the
   * communicator of all workers.
   */
  readonly standsForProcess: boolean;
}

/** Milliseconds for a thread to end by itself after it was told to. */
const endTimeout = 5000;

const threadMain = packageFile('dist/worker/thread.js');

/** Called with the messages of a thread, and when it is lost. */
export interface ThreadEvents extends Pick<ThreadReceiver, 'message' | 'batchEnded'> {
  /** Called when the thread has ended without being told to, or is being ended. */
  lost(error: WorkerLostError): void;
}

/** The options of an executor that each of its threads has. */
export interface ThreadFlags {
  readonly execArgv: readonly string[];
  readonly resourceLimits: ResourceLimits | undefined;
}

/** A thread, with the channel to it. It does not keep the program running. */
export class WorkerThread implements WorkerLink {
  readonly rank: number;
  readonly host = hostname();
  readonly pid = process.pid;
  readonly claims: Claims;
  readonly #events: ThreadEvents;
  readonly #worker: Worker;
  readonly #channel: ThreadChannel;
  readonly #id: number;
  /** Resolves when the thread accepts messages; rejects if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;
  #setReady!: () => void;
  #setLost!: (error: WorkerLostError) => void;
  #thrown: unknown;
  #ending = false;
  #isLost = false;

  constructor(
    rank: number,
    { execArgv, resourceLimits }: ThreadFlags,
    standsForProcess: boolean,
    events: ThreadEvents,
  ) {
    this.rank = rank;
    this.#events = events;
    const { port1, port2 } = new MessageChannel();
    const claims = new SharedArrayBuffer(claimsSize);
    this.claims = new Claims(claims);
    const rings = createThreadRings();
    const data: ThreadData = {
      port: port2,
      rings,
      rank,
      claims,
      main: mainModule(),
      standsForProcess,
    };
    const options = {
      name: `mpi-futures ${rank}`,
      argv: process.argv.slice(2),
      workerData: data,
      transferList: [port2],
      resourceLimits: resourceLimits ?? {},
    };
    this.#worker = createThread(threadMain, options, execArgv);
    this.#id = this.#worker.threadId;
    this.#channel = new ThreadChannel(port1, rings, false, {
      receive: (turn) => {
        turn();
      },
      message: (payload, buffers) => {
        // Of one that is lost only what it prints still comes.
        if (!this.#isLost || payload[0] === MessageKind.output) events.message(payload, buffers);
      },
      batchEnded: () => {
        events.batchEnded();
      },
      signal: (signal) => {
        if (signal === 'ready') this.#setReady();
        else if (signal === 'abort') endProgram();
      },
      unreadable: (error) => {
        this.#thrown = error;
        void this.#worker.terminate();
      },
    });
    this.ready = new Promise((resolve, reject) => {
      this.#setReady = resolve;
      this.#setLost = reject;
    });
    this.ready.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#hasEnded(code);
        resolve();
      });
    });
    this.#worker.on('error', (error) => (this.#thrown = error));
    // The pool decides itself how long the program goes on.
    port1.unref();
    this.#worker.unref();
  }

  /** Sends a message; `buffers` are this channel's from now on. */
  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    this.#channel.send(payload, length, buffers);
  }

  sendLasting(message: Uint8Array): void {
    this.#channel.sendLasting(message);
  }

  /** Tells the thread to end; resolves when it has. */
  async quit(): Promise<void> {
    this.#ending = true;
    this.#channel.signal('quit');
    const ended = this.ended.then(() => true);
    if ((await settledWithin(endTimeout, ended)) === undefined) await this.terminate();
  }

  /** Resolves when the thread has ended. One that is inside of native code ends only when it comes back from there. */
  async terminate(): Promise<void> {
    this.#ending = true;
    await settledWithin(endTimeout, this.#worker.terminate());
  }

  end(reason: string, gently: boolean): void {
    this.#channel.receiveAll();
    this.#lose(reason);
    void (gently ? this.quit() : this.terminate());
  }

  #hasEnded(code: number): void {
    // Nothing is sent to the thread in answer: that happens when it is known to be lost.
    this.#channel.receiveAll();
    if (this.#ending) this.#events.batchEnded();
    const thrown = this.#thrown;
    const reason =
      thrown === undefined
        ? `its thread has ended with code ${code}`
        : `its thread has ended: ${thrown instanceof Error ? thrown.message : describeThrown(thrown)}`;
    this.#lose(reason, thrown);
  }

  #lose(reason: string, cause?: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const { rank, host, pid } = this;
    const where = `thread ${this.#id} of process ${pid} on ${host}`;
    const message = `Worker ${rank} (${where}) was lost: ${reason}`;
    const error = new WorkerLostError(message, { rank, host, pid, reason, cause });
    this.#setLost(error);
    if (!this.#ending) this.#events.lost(error);
  }
}
