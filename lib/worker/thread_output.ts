/**
 * The console output of a worker thread. Node.js would let the program fetch it, which it does no more once it ends; as
 * messages it comes whole, in front of the results of the tasks that printed it.
 */

import type { Writable } from 'node:stream';

import { messageHead, MessageKind } from '../tasks/messages.js';

/** From now on all that is written to stdout and stderr is sent. */
export function forwardOutput(send: (message: Uint8Array, length: number) => void): void {
  divert(process.stdout, 1, send);
  divert(process.stderr, 2, send);
}

function divert(
  stream: Writable,
  descriptor: number,
  send: (message: Uint8Array, length: number) => void,
): void {
  Object.assign(stream, {
    _write: (chunk: Buffer | string, encoding: BufferEncoding, done: () => void) => {
      const text = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      const head = Buffer.alloc(messageHead, 0);
      head[0] = MessageKind.output;
      head[1] = descriptor;
      const message = Buffer.concat([head, text]);
      send(message, message.length);
      done();
    },
    _writev: null,
  });
}
