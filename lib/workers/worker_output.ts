/**
 * Prints the output of a worker without a console, and keeps the end of it. JavaScript's output comes as messages,
 * before the results (lib/worker/output.ts). Output of V8, native code and child processes comes through pipes, which
 * can be read even after the worker has died.
 */

import { Buffer } from 'node:buffer';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

import { print as printTo } from '../print.js';
import { messageHead } from '../tasks/messages.js';

/** The number of bytes kept: enough for what V8 and MPI print at a crash, with stack traces. */
const longestTail = 1 << 14;

const stderr = 2;

interface Pipe {
  readonly fd: number;
  readonly socket: Socket;
  readonly print: (bytes: Buffer) => void;
}

/** The outputs of all workers, so that their last lines are printed when the program ends. */
const open = new Set<WorkerOutput>();

/** The output of one worker process on this host. */
export class WorkerOutput {
  readonly #pid: number;
  #pipes: Pipe[] = [];
  // Separate from the output by pipe, since the order of the two is unknown, and the pipe may be in the middle of a
  // line.
  readonly #said = new Tail();
  readonly #written = new Tail();

  constructor(pid: number) {
    this.#pid = pid;
  }

  /**
   * Opens the pipes that the worker offers: descriptors of its process, which is on this host. Returns false if that
   * fails.
   */
  take(offered: readonly number[]): boolean {
    // When a worker thread ends, Node.js closes by number what the thread has opened, including descriptors that a
    // socket has closed. By then the number may belong to another file, such as the event loop of another thread.
    if (!isMainThread) return false;
    const fds: number[] = [];
    try {
      const flags = constants.O_RDONLY | constants.O_NONBLOCK;
      for (const fd of offered) fds.push(openSync(`/proc/${this.#pid}/fd/${fd}`, flags));
    } catch {
      for (const fd of fds) closeSync(fd);
      return false;
    }
    if (fds.length === 0) return false;
    this.#pipes = fds.map((fd, at) => this.#read(fd, at + 1));
    if (open.size === 0) process.prependListener('exit', printRest);
    open.add(this);
    return true;
  }

  /** Notes a message with output of JavaScript, which is printed elsewhere. */
  message(payload: Buffer): void {
    if (payload[1] === stderr) this.#said.add(payload.subarray(messageHead));
  }

  /** Prints what is left in the pipes. */
  readRest(): void {
    for (const { fd, socket, print } of this.#pipes) {
      // A socket that has reached its end has closed the descriptor, whose number another file may have by now.
      while (!socket.destroyed) {
        const bytes = readNow(fd);
        if (bytes.length === 0) break;
        print(bytes);
      }
    }
  }

  /** The end of what JavaScript has printed on the worker's stderr. */
  get said(): string {
    return this.#said.text;
  }

  /** The end of what other code has written to the worker's stderr. */
  get written(): string {
    return this.#written.text;
  }

  /** Prints what is left in the pipes and closes them. */
  close(): void {
    this.readRest();
    for (const { socket } of this.#pipes) socket.destroy();
    this.#pipes = [];
    open.delete(this);
    if (open.size === 0) process.off('exit', printRest);
  }

  #read(fd: number, descriptor: number): Pipe {
    const print = (bytes: Buffer): void => {
      if (descriptor === stderr) this.#written.add(bytes);
      printTo(descriptor === stderr ? process.stderr : process.stdout, bytes);
    };
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', print);
    socket.on('error', () => undefined);
    socket.unref();
    return { fd, socket, print };
  }
}

/** The end of a text, of which the beginning is forgotten. */
export class Tail {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-longestTail);
  }

  get text(): string {
    return this.#bytes.toString();
  }
}

function printRest(): void {
  for (const output of open) output.readRest();
}

/** Reads what is in a pipe; empty if nothing is. */
function readNow(fd: number): Buffer {
  const buffer = Buffer.alloc(1 << 16);
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch {
    return buffer.subarray(0, 0); // EAGAIN
  }
}
