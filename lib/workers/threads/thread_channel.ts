/**
 * Messages between the program and one of its worker threads: the same messages as over MPI.
 *
 * A small one goes by a ring in memory that both have, and whatever else by a MessagePort, which also wakes a thread that waits in
 * its event loop. Messages are numbered, so there is one order for both ways.
 *
 * A thread that has just answered looks for the next message itself for a moment: a program that answers at once need not wake it.
 */

import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

import { bufferFrom } from '../../buffer_from.js';
import { transferable } from '../../values/buffers/move.js';
import { ThreadRingReader, threadRingSize, ThreadRingWriter } from './thread_ring.js';

/**
 * Signals in addition to the messages. Thread → program: `ready`: it accepts messages; `abort`: the whole program must
 * end. Program → thread: `quit`: the thread must end.
 */
export type ThreadSignal = 'ready' | 'abort' | 'quit';

/** The receiving side. */
export interface ThreadReceiver {
  /** Calls `turn`, which receives; for one that has to protect it from what tasks have changed. */
  receive(turn: () => void): void;
  /** `payload` and `buffers` belong to the receiver. */
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after the messages that were received together. */
  batchEnded(): void;
  signal(signal: ThreadSignal): void;
  /** Called when what the other side has sent cannot be read. It would wait for ever for an answer. */
  unreadable(error: Error): void;
}

/** A message or a signal, with its number, as it goes through the port. In place of one, null only wakes. */
type Packet = readonly [
  number: number,
  content: Uint8Array | ThreadSignal,
  buffers: ArrayBuffer[] | undefined,
];

/** The number of messages after which other events have their turn. */
const mostPerTurn = 1000;

/** Milliseconds for which a thread that has answered looks for the next message. */
const lookTime = 0.05;

/** From this size in bytes memory is shared; below it, sharing costs more than the copy. */
const shareFrom = 1 << 16;

// A task may replace the global ones.
const {
  SharedArrayBuffer: SharedMemory,
  Uint8Array: Bytes,
  setImmediate: afterEvents,
} = globalThis;
const now = performance.now.bind(performance);

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

/** The memory that both ends of a channel have. */
export interface ThreadRings {
  /** Memories of {@link threadRingSize} bytes. */
  readonly toThread: SharedArrayBuffer;
  readonly toProgram: SharedArrayBuffer;
}

/** Creates the rings of a channel. */
export function createThreadRings(): ThreadRings {
  return {
    toThread: new SharedMemory(threadRingSize),
    toProgram: new SharedMemory(threadRingSize),
  };
}

/** One end of the channel between the program and a worker thread. */
export class ThreadChannel {
  readonly #port: MessagePort;
  readonly #out: ThreadRingWriter;
  readonly #in: ThreadRingReader;
  readonly #looksAfterSending: boolean;
  readonly #receiver: ThreadReceiver;
  /** Packets of the port that come after messages of the ring. */
  readonly #early: Packet[] = [];
  /** The packet of the port's event that is being handled. */
  #event: Packet | null = null;
  #sent = 0;
  #received = 0;
  #lookPlanned = false;

  /** @param isThread - false for the end of the program */
  constructor(port: MessagePort, rings: ThreadRings, isThread: boolean, receiver: ThreadReceiver) {
    this.#port = port;
    this.#out = new ThreadRingWriter(isThread ? rings.toProgram : rings.toThread);
    this.#in = new ThreadRingReader(isThread ? rings.toThread : rings.toProgram);
    this.#looksAfterSending = isThread;
    this.#receiver = receiver;
    port.on('message', (packet: Packet | null) => {
      this.#in.wake();
      // One turn in each turn of the event loop: Node.js goes on with what comes meanwhile, up to 1000 times.
      if (this.#lookPlanned) {
        if (packet === null) return;
        receiver.receive(() => {
          this.#took(packet);
        });
        return;
      }
      this.#planLook();
      this.#event = packet;
      this.#takeTurn();
    });
    port.on('messageerror', (error) => {
      receiver.unreadable(error);
    });
    this.#rest();
  }

  /** Sends the first `length` bytes of `payload`, which are copied at once, and `buffers`, which are this channel's from now on. */
  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    if (buffers === undefined && this.#out.write(this.#next(), payload, length)) {
      this.#sent = this.#next();
      if (this.#out.mustWake()) this.#port.postMessage(null);
    } else {
      // The slice of a Buffer would be a view.
      const copy = Uint8Array.prototype.slice.call(payload, 0, length);
      const memory = copy.buffer;
      const moved = buffers === undefined ? [memory] : [memory, ...transferable(buffers)];
      this.#post(copy, buffers, moved);
    }
    if (this.#looksAfterSending) this.#planLook();
  }

  /** Sends a message in memory of {@link lastingMemory}. The receiver copies a large one when it reads it. */
  sendLasting(message: Uint8Array): void {
    if (isShared(message)) this.#post(message, undefined, []);
    else this.send(message, message.byteLength);
  }

  signal(signal: ThreadSignal): void {
    this.#post(signal, undefined, []);
  }

  /** Receives everything that has arrived, including what an ended thread had sent before. */
  receiveAll(): void {
    do this.#receive(Infinity);
    while (this.#takeFromPort());
  }

  #next(): number {
    return (this.#sent + 1) | 0;
  }

  #post(
    content: Packet[1],
    buffers: readonly ArrayBuffer[] | undefined,
    moved: readonly ArrayBuffer[],
  ): void {
    this.#port.postMessage([this.#next(), content, buffers], moved);
    this.#sent = this.#next();
    this.#out.sentElsewhere();
  }

  #takeTurn(): void {
    const before = this.#received;
    try {
      this.#receiver.receive(this.#turn);
    } finally {
      // Where a message could not be read, all later ones wait for it: the thread is being ended.
      if (this.#received !== before || !this.#hasMore) this.#rest();
    }
  }

  readonly #turn = (): void => {
    const event = this.#event;
    this.#event = null;
    if (event !== null) this.#took(event);
    this.#receive(mostPerTurn);
    this.#receiver.batchEnded();
  };

  /** Waits for what comes next, in the event loop. */
  #rest(): void {
    if (this.#lookPlanned) return;
    if (this.#hasNextEarly || !this.#in.sleep()) this.#planLook();
  }

  #planLook(): void {
    if (this.#lookPlanned) return;
    this.#lookPlanned = true;
    afterEvents(this.#look);
  }

  readonly #look = (): void => {
    this.#lookPlanned = false;
    if (this.#looksAfterSending) for (const end = now() + lookTime; !this.#hasMore && now() < end;);
    if (this.#hasMore) this.#takeTurn();
    else this.#rest();
  };

  get #expected(): number {
    return (this.#received + 1) | 0;
  }

  get #hasNextEarly(): boolean {
    return this.#early[0]?.[0] === this.#expected;
  }

  get #hasMore(): boolean {
    return this.#in.hasMore || this.#hasNextEarly;
  }

  /** Receives messages in the order in which they were sent, as far as they are here, and no more than `most`. */
  #receive(most: number): void {
    for (let left = most; left > 0;) {
      if (this.#in.next === this.#expected) {
        const taken = this.#in.take();
        if (taken === undefined) {
          this.#receiver.unreadable(
            new Error('the memory that it shares with its program is damaged'),
          );
          return;
        }
        this.#received = this.#expected;
        left--;
        const { buffer } = taken;
        this.#receiver.message(bufferFrom(buffer, 0, buffer.byteLength), undefined);
      } else if (this.#hasNextEarly) {
        this.#received = this.#expected;
        left--;
        this.#receivePacket(this.#early.shift()!);
      } else if (!this.#in.hasElsewhere || !this.#takeFromPort()) return;
    }
  }

  /** Returns false if there is nothing. */
  #takeFromPort(): boolean {
    for (;;) {
      const next = this.#nextOfPort();
      if (next === undefined) return false;
      if (next.message === null) continue;
      this.#took(next.message);
      return true;
    }
  }

  #nextOfPort(): { message: Packet | null } | undefined {
    try {
      return receiveMessageOnPort(this.#port);
    } catch (error) {
      this.#receiver.unreadable(error as Error);
      return undefined;
    }
  }

  #took(packet: Packet): void {
    this.#in.tookElsewhere();
    this.#early.push(packet);
  }

  #receivePacket(packet: Packet): void {
    // By index: a task may have broken the iterator of arrays.
    const content = packet[1];
    if (typeof content === 'string') {
      this.#receiver.signal(content);
      return;
    }
    const { buffer, byteOffset, byteLength } = isShared(content) ? copyOf(content) : content;
    this.#receiver.message(bufferFrom(buffer, byteOffset, byteLength), packet[2]);
  }
}
