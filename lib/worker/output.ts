/**
 * Sends the console output of a worker without a console to its master, which prints it. Such workers are worker
 * threads, and the workers of a program without launcher, whose daemon discards their output.
 */

import type { Writable } from 'node:stream';

import { messageHead, MessageKind } from '../tasks/messages.js';
import { asOwn, vital } from './unchanged_language.js';

type SendMessage = (message: Uint8Array, length: number) => void;

/** The largest message in bytes. */
const mostPerMessage = 1 << 16;
/**
 * Up to this many writes in one turn of the event loop are sent at once, each by itself; further ones are collected.
 */
const mostAtOnce = 16;
/** Milliseconds for which writes are collected if the turn does not end. */
const longestWait = 20;

/** Sends everything that JavaScript writes to stdout and stderr of this process, or thread, to the master. */
export class ForwardedOutput {
  readonly #send: SendMessage;
  readonly #handOver: () => void;
  readonly #message = Buffer.alloc(messageHead + mostPerMessage);
  #end = messageHead;
  #writesInTurn = 0;
  #oldest = 0;

  /**
   * Begins to send everything that is written to stdout and stderr.
   *
   * @param handOver - returns when everything sent is safe from the end of this process, or thread
   */
  constructor(send: SendMessage, handOver: () => void) {
    this.#send = send;
    this.#handOver = handOver;
    this.#message[0] = MessageKind.output;
    this.#divert(process.stdout, 1);
    this.#divert(process.stderr, 2);
    // Ends without an 'exit' event: this process may send itself a signal.
    for (const end of ['reallyExit', 'abort', 'kill'] as const) this.#flushBefore(end);
  }

  /** Sends the collected output. */
  flush(): void {
    if (this.#end === messageHead) return;
    const length = this.#end;
    this.#end = messageHead;
    this.#send(this.#message, length);
  }

  #flushBefore(end: 'reallyExit' | 'abort' | 'kill'): void {
    const ways = process as unknown as Record<typeof end, (...args: unknown[]) => unknown>;
    const original = ways[end];
    ways[end] = (...args) => {
      this.flush();
      this.#handOver();
      return original.apply(process, args);
    };
  }

  // The stream stays what it is, with its buffers, encodings, callbacks and events, and for those who have kept it.
  #divert(stream: Writable, descriptor: number): void {
    Object.assign(stream, {
      _write: (chunk: Buffer | string, encoding: BufferEncoding, done: () => void) => {
        asOwn(() => {
          this.#add(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        });
        done();
      },
      _writev: null,
      _final: (done: () => void) => {
        done();
      },
    });
  }

  #add(descriptor: number, bytes: Buffer): void {
    // The bytes of one write stay together, among the output of others, if they are not too many.
    const fits = bytes.length <= this.#message.length - this.#end;
    if (this.#message[1] !== descriptor || !fits) this.flush();
    this.#message[1] = descriptor;
    if (this.#end === messageHead) this.#oldest = performance.now();
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.#message, this.#end, at);
      at += copied;
      this.#end += copied;
      if (this.#end === this.#message.length) this.flush();
    }
    if (this.#writesInTurn++ === 0) setImmediate(this.#turnEnded);
    if (this.#writesInTurn <= mostAtOnce || performance.now() - this.#oldest > longestWait)
      this.flush();
  }

  readonly #turnEnded = (): void => {
    vital(() => {
      this.#writesInTurn = 0;
      this.flush();
    });
  };
}
