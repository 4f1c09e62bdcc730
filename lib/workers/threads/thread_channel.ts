/** Messages between the program and one of its worker threads: the same messages as over MPI, through a MessagePort. */

import { Buffer } from 'node:buffer';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

/**
 * Signals in addition to the messages. Thread → program: `ready`: it accepts messages; `abort`: the whole program must
 * end. Program → thread: `quit`: the thread must end.
 */
export type ThreadSignal = 'ready' | 'abort' | 'quit';

/** The receiving side. */
export interface ThreadReceiver {
  /** `payload` and `buffers` belong to the receiver. */
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after the messages that were received together. */
  batchEnded(): void;
  signal(signal: ThreadSignal): void;
}

type Packet = readonly [payload: Uint8Array, buffers: ArrayBuffer[] | undefined];

/** From this size in bytes memory is shared; below it, sharing costs more than the copy. */
const shareFrom = 1 << 16;

// A task may replace the global ones.
const { SharedArrayBuffer: SharedMemory, Uint8Array: Bytes } = globalThis;
const bufferFrom = Buffer.from.bind(Buffer) as (
  memory: ArrayBufferLike,
  offset: number,
  length: number,
) => Buffer;

/** Allocates memory for messages that go to many threads. */
export function lastingMemory(size: number): Uint8Array {
  return size < shareFrom ? new Bytes(size) : new Bytes(new SharedMemory(size));
}

function isShared({ buffer }: Uint8Array): boolean {
  return buffer instanceof SharedMemory;
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return new Bytes(bytes);
}

/** One end of the channel between the program and a worker thread. */
export class ThreadChannel {
  readonly #port: MessagePort;
  readonly #receiver: ThreadReceiver;

  constructor(port: MessagePort, receiver: ThreadReceiver) {
    this.#port = port;
    this.#receiver = receiver;
    port.on('message', (first: ThreadSignal | Packet) => {
      this.#receive(first);
      this.receiveAll();
      receiver.batchEnded();
    });
  }

  /** Sends the first `length` bytes of `payload`, which are copied at once, and `buffers`, which are detached here. */
  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    // The slice of a Buffer would be a view.
    const copy = Uint8Array.prototype.slice.call(payload, 0, length);
    const memory = copy.buffer;
    if (buffers === undefined) this.#port.postMessage([copy, undefined], [memory]);
    else this.#port.postMessage([copy, buffers], [memory, ...buffers]);
  }

  /** Sends a message in memory of {@link lastingMemory}. The receiver copies a large one when it reads it. */
  sendLasting(message: Uint8Array): void {
    if (isShared(message)) this.#port.postMessage([message, undefined]);
    else this.send(message, message.byteLength);
  }

  signal(signal: ThreadSignal): void {
    this.#port.postMessage(signal);
  }

  /** Receives everything that has arrived, including what an ended thread had sent before. */
  receiveAll(): void {
    for (;;) {
      const next = receiveMessageOnPort(this.#port) as
        { message: ThreadSignal | Packet } | undefined;
      if (next === undefined) break;
      this.#receive(next.message);
    }
  }

  #receive(received: ThreadSignal | Packet): void {
    if (typeof received === 'string') {
      this.#receiver.signal(received);
      return;
    }
    // By index: a task may have broken the iterator of arrays.
    const { buffer, byteOffset, byteLength } = isShared(received[0])
      ? copyOf(received[0])
      : received[0];
    this.#receiver.message(bufferFrom(buffer, byteOffset, byteLength), received[1]);
  }
}
