/** A worker that has said hello, as a pool uses it: the way to it, or to its sandbox if it is isolated. */

import type { Channel } from '../addon/channel.js';
import type { Claims } from '../tasks/claims.js';
import { encodeMessage, MessageKind, type EndSandbox, type Hello } from '../tasks/messages.js';
import type { DirectWay } from './direct_way.js';
import { Sandbox } from './sandbox_state.js';
import type { WorkerLink } from './worker_source.js';

/** A worker that has said hello; if it is isolated, one sandbox of it. */
export class ConnectedWorker implements WorkerLink {
  readonly rank: number;
  readonly host: string;
  pid: number;
  claims: Claims | undefined;
  readonly #channel: Channel;
  readonly #peer: number;
  isLost = false;
  /** The number in the pool. A sandbox that replaces another has the number of that one until it has joined. */
  number: number;
  sandbox: Sandbox | undefined = undefined;
  /** The way to the sandbox; undefined: all goes by the worker. */
  direct: DirectWay | undefined = undefined;
  end?: (reason: string, gently: boolean) => void;
  endAt?: (task: number, behind: readonly number[]) => void;
  /** True if the worker has memory for claims, which this process may not have. */
  readonly #hasClaims: boolean;

  /**
   * @param peer - its rank in the communicator
   * @param rank - its rank in the pool
   */
  constructor(
    channel: Channel,
    peer: number,
    rank: number,
    number: number,
    { host, pid }: Pick<Hello, 'host' | 'pid'>,
    claims: Claims | undefined,
    hasClaims: boolean,
  ) {
    this.#hasClaims = hasClaims;
    this.#channel = channel;
    this.claims = claims;
    this.#peer = peer;
    this.rank = rank;
    this.number = number;
    this.host = host;
    this.pid = pid;
  }

  get isIsolated(): boolean {
    return this.sandbox !== undefined;
  }

  /** Has its tasks run in this sandbox, which can be ended alone. */
  isolate(sandbox: Sandbox): void {
    this.sandbox = sandbox;
    this.end = (reason, gently) => {
      this.endSandbox(reason, gently);
    };
    if (this.#hasClaims && this.claims === undefined)
      this.endAt = (task, behind) => {
        this.tell(MessageKind.endSandbox, {
          gently: false,
          at: { task, behind },
        } satisfies EndSandbox);
      };
  }

  /** @param reason - undefined if the sandbox has ended by itself, or is about to */
  endSandbox(reason: string | undefined, gently: boolean): void {
    if (this.sandbox !== undefined && reason !== undefined) this.sandbox.endedFor = reason;
    this.tell(MessageKind.endSandbox, { gently } satisfies EndSandbox);
  }

  /** Sends a message to the worker itself. */
  tell(kind: number, body: unknown): void {
    if (this.isLost) return;
    const message = encodeMessage(kind, body);
    this.#channel.send(this.#peer, message, message.byteLength);
  }

  joinedAs(number: number): void {
    this.number = number;
    this.sandbox?.joins();
  }

  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    if (this.isLost) return;
    if (this.sandbox !== undefined && payload[0] === MessageKind.tasks)
      payload[1] = this.sandbox.number & 0xff;
    if (this.direct !== undefined) this.direct.send(payload, length, buffers);
    else this.#channel.send(this.#peer, payload, length, buffers);
  }

  sendLasting(message: Uint8Array): void {
    if (this.isLost) return;
    if (this.direct !== undefined) this.direct.sendLasting(message);
    else this.#channel.sendLasting(this.#peer, message);
  }

  /**
   * Returns the link of this worker for its next sandbox.
   *
   * @param claims - memory that the keeper and this process share
   */
  next(claims: Claims | undefined, over: () => void): ConnectedWorker {
    const link = new ConnectedWorker(
      this.#channel,
      this.#peer,
      this.rank,
      this.number,
      this,
      claims,
      this.#hasClaims,
    );
    link.isolate(new Sandbox(this.sandbox!.number + 1, over));
    return link;
  }
}
