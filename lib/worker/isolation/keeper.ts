/**
 * A worker process that keeps MPI, and whose tasks run in a process beside it, its sandbox (docs/design/isolation.md).
 *
 * The keeper passes messages on without decoding them, in the order in which they come. When the sandbox has ended, the keeper passes
 * on all that the sandbox had sent, then says how it has ended, and drops what comes for it until the master says that what follows
 * is for the next one.
 */

import { packageVersion } from '../../package_files.js';
import type { SharedMemoryAddress } from '../../tasks/addresses.js';
import { Claims } from '../../tasks/claims.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type EndSandbox,
  type NextSandbox,
  type SandboxEnd,
  type SandboxRuns,
  type SandboxWelcome,
} from '../../tasks/messages.js';
import { StoppedProcesses, wasStopped } from '../../process/stopped_processes.js';
import { SandboxProcess } from './sandbox_process.js';

/** Memory for claims that other processes of this host can open. */
export type SharedClaims = readonly [memory: ArrayBuffer, address: SharedMemoryAddress];

/** The worker process that is a keeper, as the keeper uses it. */
export interface KeptWorker {
  /** Undefined where no memory can be shared. */
  readonly claims: SharedClaims | undefined;
  /** Knowledge about the program, for sandboxes. */
  readonly welcome: Pick<SandboxWelcome, 'rank' | 'sendsOutput' | 'argv' | 'main' | 'master'>;
  send(payload: Uint8Array, length: number, buffers: readonly ArrayBuffer[] | undefined): void;
  /** Ends all processes of the program. */
  endProgram(): never;
}

/** Starts sandboxes, one after the other, and passes messages between them and the master. */
export class Keeper {
  readonly #worker: KeptWorker;
  #sandbox: SandboxProcess | undefined;
  /** The number of the sandbox for which the master sends. */
  #number = 0;
  /** The number of messages of the present sandbox that were passed on, output not counted. */
  #sent = 0;
  #ending = false;
  readonly #stopped: StoppedProcesses;

  /** @param heartbeat - milliseconds for which a sandbox may be stopped */
  constructor(heartbeat: number, worker: KeptWorker) {
    this.#worker = worker;
    this.#stopped = new StoppedProcesses(heartbeat);
    process.once('exit', () => {
      this.#sandbox?.kill();
    });
    this.#start();
  }

  /** Handles a message of the master. */
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    switch (payload[0]) {
      case MessageKind.nextSandbox:
        this.#next(decodeMessage(payload) as NextSandbox);
        break;
      case MessageKind.endSandbox:
        this.#end(decodeMessage(payload) as EndSandbox);
        break;
      case MessageKind.tasks:
        // With buffers it may have been overtaken by all that was sent later.
        if (payload[1] === (this.#number & 0xff)) this.#sandbox?.send(payload, buffers);
        break;
      default:
        this.#sandbox?.send(payload, buffers);
    }
  }

  setHeartbeat(limit: number): void {
    this.#stopped.setLimit(limit);
  }

  /** Ends the sandbox, and starts no other; resolves when it has ended. */
  async quit(): Promise<void> {
    this.#ending = true;
    await this.#sandbox?.quit();
  }

  /** Ends the sandbox whatever it does. */
  kill(): void {
    this.#ending = true;
    this.#sandbox?.kill();
  }

  #next({ number, isClear }: NextSandbox): void {
    this.#number = number;
    const { claims } = this.#worker;
    if (!isClear && claims !== undefined) new Int32Array(claims[0]).fill(0);
    if (!this.#ending) this.#start();
  }

  #end({ gently, at }: EndSandbox): void {
    if (at !== undefined) {
      const claims = new Claims(this.#worker.claims![0]);
      if (!claims.has(at.task) || at.behind.some((id) => claims.has(id))) return;
    }
    this.#sandbox?.end(gently);
  }

  #start(): void {
    this.#sent = 0;
    const sandbox = new SandboxProcess({
      message: (payload, buffers) => {
        this.#ofSandbox(payload, buffers);
      },
      ended: (end) => {
        this.#sandbox = undefined;
        this.#stopped.forgetAll();
        if (!this.#ending) this.#ended(end);
      },
    });
    this.#sandbox = sandbox;
    if (sandbox.pid !== undefined)
      this.#stopped.watch(sandbox.pid, (milliseconds) => {
        sandbox.kill(`${wasStopped(milliseconds)}, and then killed`);
      });
    const { claims, welcome } = this.#worker;
    const body: SandboxWelcome = {
      ...welcome,
      version: packageVersion(),
      keeper: process.pid,
      claims: claims?.[1],
    };
    sandbox.send(encodeMessage(MessageKind.sandboxWelcome, body), undefined);
  }

  #ofSandbox(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    if (payload[0] === MessageKind.endProgram) this.#worker.endProgram();
    if (payload[0] === MessageKind.sandboxRuns) {
      const runs = decodeMessage(payload) as SandboxRuns;
      this.#tell(MessageKind.sandboxRuns, { ...runs, number: this.#number });
      return;
    }
    // The keeper sends output of its own, too.
    if (payload[0] !== MessageKind.output) this.#sent++;
    this.#worker.send(payload, payload.byteLength, buffers);
  }

  #ended(end: Omit<SandboxEnd, 'sent' | 'claims'>): void {
    const { claims } = this.#worker;
    this.#tell(MessageKind.sandboxEnded, {
      ...end,
      sent: this.#sent,
      claims: claims && new Uint8Array(claims[0]).slice(),
    } satisfies SandboxEnd);
  }

  #tell(kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    this.#worker.send(message, message.byteLength, undefined);
  }
}
