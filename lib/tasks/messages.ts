/** The messages between a master and its workers. */

import type { ModuleToLoad } from '../functions/module_access.js';
import { damaged } from '../values/wire/damage.js';
import { plainSnapshot } from '../values/buffers/snapshot.js';
import { roots } from '../values/refusing/paths.js';
import { decodeStructure, encodeStructure, type EncodingContext } from '../values/structure.js';
import { noFunctions } from '../values/functions_in_out.js';
import type { PackedValue, ValueCodec } from '../values/value_codec.js';
import type {
  DirectMaster,
  DirectOffer,
  Doorbell,
  RingsOffer,
  SharedMemoryAddress,
} from './addresses.js';

/** The first byte of every message. */
export const MessageKind = {
  /** Worker → master, first of all: {@link Hello}. */
  hello: 1,
  /** Master → worker, the answer: {@link Welcome}. */
  welcome: 2,
  /** Master → worker: an executor begins, {@link ClientSetup}. */
  setup: 3,
  /** Worker → master: {@link ClientReady}. */
  ready: 4,
  /** Either way: a function that later values refer to, {@link FunctionDefinition}. */
  define: 5,
  /** Master → worker: batches.ts. */
  tasks: 6,
  /** Worker → master: batches.ts. */
  results: 7,
  /** Worker → master: output that it has printed; one byte (1: stdout, 2: stderr), two of zero, text. */
  output: 8,
  /** Worker → master: {@link Warning}. */
  warning: 9,
  /** Master → worker: the id of a function that no later value refers to. */
  forget: 10,
  /** Worker → master: the id of a task with a time limit whose function is about to be called. */
  started: 11,
  /** Master → worker: {@link TaskAbort}. */
  abort: 12,
  /** Master → worker: the id of a task whose abort may have come too late, and which the worker can forget. */
  abortOver: 13,
  /** Master → worker, as the last message, if the worker is a process of the program: {@link Release}. */
  release: 14,
  /** Worker → master, as the last message: it goes on with the program. */
  released: 15,
  /** Worker → master: the id of a function whose tasks work together, through the communicator of all workers. */
  together: 16,
  /** Master → worker: the reason why there is no communicator of all workers any more. */
  notAllThere: 17,
  /** Master → worker, which still serves other executors: the id of a client that has ended. */
  clientOver: 18,
  /** Worker → master: it has more memory than its executor allows, and is to be replaced. */
  full: 19,
  /** Master → worker, before any executor: its tasks run in a sandbox from now on, {@link Isolate}. */
  isolate: 20,
  /** Keeper → master: a sandbox takes messages, {@link SandboxRuns}. Also sandbox → keeper. */
  sandboxRuns: 21,
  /** Keeper → master: {@link SandboxEnd}. */
  sandboxEnded: 22,
  /** Master → keeper: {@link NextSandbox}. */
  nextSandbox: 23,
  /** Master → keeper: the sandbox must end: {@link EndSandbox}. */
  endSandbox: 24,
  /** Keeper → sandbox, first of all: {@link SandboxWelcome}. */
  sandboxWelcome: 25,
  /** Sandbox → keeper: all processes of the program must end. No body. */
  endProgram: 26,
  /** Worker → master: a value that a task has reported, {@link TaskProgress}. */
  progress: 27,
  /** Master → worker: true: say from now on when each task began, and when memory was collected. */
  trace: 28,
  /** Master → worker: a time of its own; worker → master, the answer: {@link ClockReading}. */
  clock: 29,
  /** Worker → master: the beginnings and durations of collections of garbage, in milliseconds of its clock. */
  collections: 30,
  /** Master → sandbox, the last message by its keeper: the master has opened {@link SandboxRuns.direct}. No body. */
  direct: 31,
  /** Sandbox → master, the answer, the last message by its keeper. No body. */
  directUsed: 32,
  /** Sandbox → keeper: a copy of what it has printed to stderr, and sent to the master itself; as output. */
  printed: 33,
  /** Master → worker, before each set-up: it opens its debugger, if it has not, {@link DebuggerOrder}. */
  debug: 34,
} as const;

/**
 * The length of the beginning of a message: its kind, and three bytes of zero. In tasks for a sandbox the first of these three is
 * the number of the sandbox, by which its keeper drops tasks that were sent to an earlier one and arrive late.
 */
export const messageHead = 4;

/** The first message of a worker: where it runs, and how to wake it. */
export interface Hello {
  host: string;
  pid: number;
  doorbell: Doorbell;
  rings: RingsOffer;
  /**
   * The descriptors of stdout and stderr from which the master can read this process's output, if the master prints it.
   */
  output: readonly number[];
  /** The memory of its claims (claims.ts); undefined where none can be shared. */
  claims: SharedMemoryAddress | undefined;
}

/** The answer of the master, with what a worker must know about the program. */
export interface Welcome {
  host: string;
  pid: number;
  doorbell: Doorbell;
  /** The pipe that calls the master, if all messages of both sides go through {@link Hello.rings} from now on; negative if not. */
  rings: number;
  /** The worker's rank among the workers of the pool. */
  rank: number;
  /** True if all processes must end when this worker ends without being told to. */
  abortsOthers: boolean;
  /** True if the master reads {@link Hello.output}. */
  readsOutput: boolean;
  /** The arguments of the program. */
  argv: string[];
  /** The URL of its main module. */
  main: string | undefined;
}

/** A sandbox takes messages. */
export interface SandboxRuns {
  pid: number;
  /** The offer to a master on the same host; undefined where there is none. */
  direct: DirectOffer | undefined;
}

/** Tasks run in a sandbox. Sent again where the limit changes. */
export interface Isolate {
  /** Milliseconds for which a sandbox may be stopped. */
  heartbeat: number;
}

/** The sandbox must end. */
export interface EndSandbox {
  /** True if it has no tasks: it may end by itself, so that its 'exit' listeners run. */
  gently: boolean;
  /** Only if it is at this task, and has begun none of those that were sent after it. */
  at?: { readonly task: number; readonly behind: readonly number[] };
}

/** Everything that follows is for another sandbox, which is to be started. */
export interface NextSandbox {
  number: number;
  /** True if the master has cleared the memory of the claims. */
  isClear: boolean;
}

/** A sandbox has ended; all whole messages that it had sent have been passed on before. */
export interface SandboxEnd {
  pid: number | undefined;
  /**
   * The number of those messages, without output and without what went to the master directly. The master waits for all of them:
   * one with buffers may arrive after this message.
   */
  sent: number;
  exitCode: number | undefined;
  signal: string | undefined;
  reason: string;
  /** More about the reason, from what it has printed; undefined if there is nothing. */
  detail: string | undefined;
  stderr: string | undefined;
  /** The memory of its claims, for a master that does not share it. */
  claims: Uint8Array | undefined;
}

/** Knowledge about the program, and about its keeper, for a sandbox. */
export interface SandboxWelcome {
  keeper: number;
  /** The rank of the worker among the workers of the pool. */
  rank: number;
  version: string;
  /** Undefined if the master is on another host, or no memory can be shared with it. */
  master: DirectMaster | undefined;
  /** The memory of its claims; undefined where there is none. */
  claims: SharedMemoryAddress | undefined;
  /** True if it sends its output to the master. */
  sendsOutput: boolean;
  argv: string[];
  main: string | undefined;
}

/** The way in which a worker leaves its master. */
export interface Release {
  /** True if both sides disconnect their communicator, because no process is missing. */
  disconnect: boolean;
}

/** The set-up of an executor, done on each worker before its first task. */
export interface ClientSetup {
  client: number;
  /** The name of the executor. */
  executor: string;
  /** The directories in which modules are looked for. */
  path: readonly string[];
  cwd: string | undefined;
  env: Readonly<Record<string, string>>;
  /** {@link ClientGlobals}, encoded. */
  globals: PackedValue;
  /** The main module, if it is to be imported at once. */
  main: ModuleToLoad | undefined;
  /** {@link ClientFunctions}, encoded. */
  functions: PackedValue;
  /** True if large buffers of results are sent as separate messages. */
  outOfBand: boolean;
  /** The size of its memory, in bytes, at which a worker is to be replaced, between two tasks; `Infinity`: never. */
  maxMemory: number;
}

/** The option `globals`: values by name. */
export type ClientGlobals = Readonly<Record<string, unknown>>;

/** The options of an executor that are functions, or contain some. */
export interface ClientFunctions {
  readonly codec: ValueCodec | undefined;
  readonly initializer: ((...args: never[]) => unknown) | undefined;
  readonly initArgs: readonly unknown[];
}

/** The error message of the tasks of a client whose set-up has failed. */
export const setUpFailed = 'An executor could not be set up on a worker';

/** The answer of a worker to a set-up. */
export interface ClientReady {
  client: number;
  /** The reason why the client cannot be served, encoded; undefined if it can. */
  error: PackedValue | undefined;
}

/** Master → worker: a task must end, or must not start. */
export interface TaskAbort {
  readonly task: number;
  /** For a task that has reached its time limit, the message of its `TimeoutError`. */
  readonly expired?: string;
  /** Otherwise the reason, encoded. */
  readonly reason?: PackedValue;
}

/** Worker → master: the time of its clock. Times are milliseconds of `performance.now()`. */
export interface ClockReading {
  /** The time of the master to which this is the answer. */
  readonly sent: number;
  readonly read: number;
}

/** Worker → master: a value that a task has reported while it runs. */
export interface TaskProgress {
  readonly task: number;
  readonly value: PackedValue;
  /** True if the executor's own codec has encoded it. */
  readonly isPacked: boolean;
}

/** Master → worker: its debugger is to be opened. */
export interface DebuggerOrder {
  /** The port to listen on; 0: any that is free. */
  readonly port: number;
  /** True if the worker does nothing before a debugger lets it. */
  readonly waits: boolean;
  /** The name of the program's host. */
  readonly host: string;
}

/** Worker → master: a warning for the user. */
export interface Warning {
  readonly code: string;
  readonly text: string;
}

const ownValue: EncodingContext = {
  // The bytes are copied into the message at once, so a whole buffer needs no snapshot.
  snapshot: (bytes) => (isWhole(bytes) ? bytes.buffer : plainSnapshot(bytes)),
  functions: noFunctions,
  root: roots.value,
};

function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
}

/**
 * Encodes a message other than tasks and results. It has no out-of-band buffers, and so keeps its place among the
 * messages.
 */
export function encodeMessage(
  kind: number,
  body: unknown,
  memory: (size: number) => Uint8Array = (size) => new Uint8Array(size),
): Uint8Array {
  const { bytes, buffers } = encodeStructure(body, ownValue);
  // Buffers inside a set-up are rare. They are copied into the message, which so keeps its place in the order.
  const message = memory(messageHead + 8 + bytes.byteLength + sum(buffers));
  const view = new DataView(message.buffer, message.byteOffset);
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

/**
 * The body of a message made by {@link encodeMessage}.
 *
 * @throws for any other
 */
export function decodeMessage(message: Uint8Array): unknown {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const bodyAt = messageHead + 8;
  const bodyEnd = endOf(view, messageHead);
  const buffers: ArrayBuffer[] = [];
  for (let at = bodyEnd; at < message.byteLength;) {
    const end = endOf(view, at);
    buffers.push(plainSnapshot(message.subarray(at + 8, end)));
    at = end;
  }
  return decodeStructure(message.subarray(bodyAt, bodyEnd), buffers, noFunctions);
}

/** The end of the part that follows its length at `at`. */
function endOf(view: DataView, at: number): number {
  const length = view.getFloat64(at, true);
  const end = at + 8 + length;
  if (!Number.isSafeInteger(length) || length < 0 || end > view.byteLength)
    throw damaged('a message is cut off');
  return end;
}

function sum(buffers: readonly ArrayBuffer[]): number {
  return buffers.reduce((total, buffer) => total + 8 + buffer.byteLength, 0);
}
