/** The messages between a master and its workers. */

import { decodeStructured, encodeStructured } from './structured.js';
import { plainSnapshot } from './values.js';

/** The first byte of every message. */
export const MessageKind = {
  /** Worker → master, first of all: {@link Hello}. */
  hello: 1,
  /** Master → worker, the answer: {@link Welcome}. */
  welcome: 2,
  /** Master → worker: an executor begins, {@link SessionSetup}. */
  setup: 3,
  /** Worker → master: {@link SessionReady}. */
  ready: 4,
  /** Master → worker: a function that tasks will name, {@link FunctionDefinition}. */
  define: 5,
  /** Master → worker: batches.ts. */
  tasks: 6,
  /** Worker → master: batches.ts. */
  results: 7,
  /** Worker → master: a text for stderr, from a worker that is about to end. */
  notice: 8,
} as const;

/** How a message begins: kind, three bytes of zero. */
export const messageHead = 4;

export interface Hello {
  host: string;
  pid: number;
  doorbell: readonly [string, number, number, string, string];
}

export interface Welcome {
  pid: number;
  doorbell: readonly [string, number, number, string, string];
  /** If this worker ends without being told to, all must. */
  abortsOthers: boolean;
  /** The master's process.argv, less the binary. */
  argv: string[];
}

export interface FunctionDefinition {
  id: number;
  /** URL of the module that exports it. */
  module: string;
  name: string;
  /** Its source text. */
  text: string;
}

/** What an executor wants done on each worker before its first task. */
export interface SessionSetup {
  session: number;
  cwd: string | undefined;
  env: Record<string, string>;
  globals: Record<string, unknown>;
  initializer: { definition: FunctionDefinition; args: unknown[] } | undefined;
}

export interface SessionReady {
  session: number;
  /** Why the session cannot be served, as remote_error.ts encodes it; undefined if it can. */
  error: unknown;
}

/** A message of its own: anything but tasks and results. It has no out-of-band buffers, so that it keeps its place. */
export function encodeMessage(kind: number, body: unknown): Uint8Array {
  const { bytes, buffers } = encodeStructured(body, plainSnapshot);
  // Buffers inside a set-up are rare and stay in the stream: order matters more than a copy.
  const message = new Uint8Array(messageHead + 8 + bytes.byteLength + sum(buffers));
  const view = new DataView(message.buffer);
  view.setUint8(0, kind);
  view.setFloat64(messageHead, bytes.byteLength, true);
  message.set(bytes, messageHead + 8);
  let at = messageHead + 8 + bytes.byteLength;
  for (const buffer of buffers) {
    view.setFloat64(at, buffer.byteLength, true);
    message.set(new Uint8Array(buffer), at + 8);
    at += 8 + buffer.byteLength;
  }
  return message;
}

/** The body of a message made by {@link encodeMessage}. */
export function decodeMessage(message: Uint8Array): unknown {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const bodyAt = messageHead + 8;
  const bodyEnd = bodyAt + view.getFloat64(messageHead, true);
  const buffers: ArrayBuffer[] = [];
  for (let at = bodyEnd; at < message.byteLength;) {
    const length = view.getFloat64(at, true);
    buffers.push(plainSnapshot(message.subarray(at + 8, at + 8 + length)));
    at += 8 + length;
  }
  return decodeStructured(message.subarray(bodyAt, bodyEnd), buffers);
}

function sum(buffers: readonly ArrayBuffer[]): number {
  return buffers.reduce((total, buffer) => total + 8 + buffer.byteLength, 0);
}
