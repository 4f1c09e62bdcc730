/** Handles the messages of the master, over any transport: set-ups and definitions in order, tasks by the loop. */

import type { FunctionDefinition } from '../functions/function_definition.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type ClientSetup,
  type ClockReading,
  type DebuggerOrder,
  type TaskAbort,
  type Warning,
} from '../tasks/messages.js';
import { vital } from './unchanged_language.js';
import type { MasterLink } from './master_link.js';
import { openDebugger } from './open_debugger.js';
import { guardProcess } from './task_guard.js';
import { TaskLoop } from './task_loop.js';
import { notAccessible } from './workers_access.js';
import { userModules, type ModulesOf } from './modules/user_modules.js';

/** Handles the messages that a worker process and a worker thread have in common. */
export class TaskServer {
  readonly #link: MasterLink;
  readonly #loop: TaskLoop;
  readonly #unguard: () => void;
  /** The functions that the master knows to work together. */
  readonly #together = new Set<number>();

  constructor(link: MasterLink, modulesOf: ModulesOf = userModules) {
    this.#link = link;
    const modules = modulesOf((warning) => {
      this.#warn(warning);
    });
    this.#loop = new TaskLoop(modules, link);
    this.#unguard = guardProcess();
  }

  /** Notes the worker's rank among the workers of the pool. */
  hasRank(rank: number): void {
    this.#loop.rank = rank;
  }

  /** Ends the service: no more messages come, and none is sent any more. */
  end(): void {
    this.#loop.end();
    this.#unguard();
  }

  /**
   * Notes that the program asks for the communicator of all workers, and tells the master which tasks work together.
   */
  workersAskedFor(): void {
    const fn = this.#loop.current;
    if (fn === undefined)
      throw notAccessible('getCommWorkers() is for tasks, while they run on a worker');
    if (fn === 0 || this.#together.has(fn)) return;
    this.#together.add(fn);
    this.tell(MessageKind.together, fn);
  }

  /** Sends a message that is not a result. */
  tell(kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    this.#link.send(message, message.byteLength, undefined);
  }

  /** Handles a message of the master. Messages about the link itself do not come here. */
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    vital(() => {
      this.#receive(payload, buffers);
    });
  }

  /** Called after the messages that were received together. */
  batchEnded(): void {
    vital(() => {
      this.#loop.run();
    });
  }

  #warn(warning: Warning): void {
    this.tell(MessageKind.warning, warning);
  }

  #receive(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    switch (payload[0]) {
      case MessageKind.setup:
        this.#loop.setUp(decodeMessage(payload) as ClientSetup);
        break;
      case MessageKind.clientOver:
        this.#loop.endClient(decodeMessage(payload) as number);
        break;
      case MessageKind.clock:
        this.tell(MessageKind.clock, {
          sent: decodeMessage(payload) as number,
          read: performance.now(),
        } satisfies ClockReading);
        break;
      case MessageKind.debug:
        openDebugger(decodeMessage(payload) as DebuggerOrder, {
          rank: this.#loop.rank,
          warn: (warning) => {
            this.#warn(warning);
          },
          handOver: () => {
            this.#link.handOver();
          },
        });
        break;
      case MessageKind.trace:
        this.#loop.trace(decodeMessage(payload) as boolean);
        break;
      case MessageKind.define:
        this.#loop.define(decodeMessage(payload) as FunctionDefinition);
        break;
      case MessageKind.forget:
        this.#loop.forget(decodeMessage(payload) as number);
        break;
      case MessageKind.abort:
        this.#loop.signals.abort(decodeMessage(payload) as TaskAbort);
        break;
      case MessageKind.abortOver:
        this.#loop.signals.abortIsOver(decodeMessage(payload) as number);
        break;
      case MessageKind.tasks:
        this.#loop.add(payload, buffers);
        break;
    }
  }
}
