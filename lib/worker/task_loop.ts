/**
 * Runs tasks one after another, in the order they came, and sends their results in batches.
 *
 * Synchronous tasks run without a turn of the event loop in between; an asynchronous one is awaited before the next.
 * Results leave when nothing is left to run, or when the oldest has waited for a millisecond.
 */

import { DataCloneError } from '../errors.js';
import {
  BatchWriter,
  readBatch,
  resultFlags,
  taskFlags,
  valueOf,
  type BatchEntry,
} from '../tasks/batches.js';
import {
  encodeMessage,
  MessageKind,
  type FunctionDefinition,
  type SessionReady,
  type SessionSetup,
} from '../tasks/messages.js';
import type { TaskFunction } from '../tasks/references.js';
import { describeError } from '../tasks/remote_error.js';
import { encodeStructured, type Snapshot } from '../tasks/structured.js';
import { encodeValue, plainSnapshot, type EncodedValue } from '../tasks/values.js';
import { loadFunction } from './functions.js';
import { applySetup } from './setup.js';

type Send = (
  payload: Uint8Array,
  length: number,
  buffers: readonly ArrayBuffer[] | undefined,
) => void;

const longestHold = 1;
const resultsPerMessage = 512;

/** Something to do in its turn: a task, or anything that takes longer. */
type Step = BatchEntry | (() => Promise<void>);

export class TaskLoop {
  readonly #snapshot: Snapshot;
  readonly #send: Send;
  readonly #steps: Step[] = [];
  #nextStep = 0;
  #running = false;
  readonly #functions = new Map<number, TaskFunction | DataCloneError>();
  readonly #writer = new BatchWriter(MessageKind.results, true);
  #now = 0;
  #oldestResult = 0;

  constructor(snapshot: Snapshot, send: Send) {
    this.#snapshot = snapshot;
    this.#send = send;
  }

  setUp(setup: SessionSetup): void {
    this.#steps.push(async () => {
      const ready: SessionReady = { session: setup.session, error: undefined };
      try {
        await applySetup(setup);
      } catch (error) {
        ready.error = describeError(error, canTravel);
      }
      const message = encodeMessage(MessageKind.ready, ready);
      this.#send(message, message.byteLength, undefined);
    });
  }

  define(definition: FunctionDefinition): void {
    this.#steps.push(async () => {
      try {
        this.#functions.set(definition.id, await loadFunction(definition));
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        this.#functions.set(
          definition.id,
          cause instanceof DataCloneError
            ? cause
            : new DataCloneError(
                `${definition.module} could not be imported on a worker: ${message}`,
                { cause },
              ),
        );
      }
    });
  }

  add(message: Buffer, buffers: ArrayBuffer[] | undefined): void {
    readBatch(message, buffers, false, (task) => {
      this.#steps.push(task);
    });
  }

  run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#now = performance.now();
    this.#runSteps();
  }

  #runSteps(): void {
    while (this.#nextStep < this.#steps.length) {
      const step = this.#steps[this.#nextStep++]!;
      const pending = typeof step === 'function' ? step() : this.#runTask(step);
      if (pending === undefined) continue;
      this.#flush();
      pending.then(
        () => {
          this.#now = performance.now();
          this.#runSteps();
        },
        (error: unknown) => {
          throw error;
        },
      );
      return;
    }
    this.#steps.length = this.#nextStep = 0;
    this.#running = false;
    this.#flush();
  }

  #runTask(task: BatchEntry): void | Promise<void> {
    const start = this.#now;
    try {
      const result = this.#call(task);
      if (!isThenable(result)) {
        this.#succeed(task, result, start);
        return;
      }
      return Promise.resolve(result).then(
        (value) => {
          this.#succeed(task, value, start);
        },
        (error: unknown) => {
          this.#fail(task, error, start);
        },
      );
    } catch (error) {
      this.#fail(task, error, start);
    }
  }

  #call(task: BatchEntry): unknown {
    const fn = this.#functions.get(task.fn);
    if (typeof fn !== 'function')
      throw fn ?? new DataCloneError(`Function ${task.fn} was not defined`);
    const args = valueOf(task) as never[];
    if (task.flags === taskFlags.none) return Reflect.apply(fn, undefined, args);
    return callChunk(fn, args);
  }

  #succeed(task: BatchEntry, result: unknown, start: number): void {
    let value: EncodedValue | undefined;
    try {
      value = result === undefined ? undefined : encodeValue(result, this.#snapshot);
    } catch (error) {
      this.#fail(task, error, start);
      return;
    }
    this.#answer(task, resultFlags.value, value, start);
  }

  #fail(task: BatchEntry, error: unknown, start: number): void {
    let value: EncodedValue;
    try {
      value = encodeStructured(describeError(error, canTravel), this.#snapshot);
    } catch {
      // Something in it could be read before and cannot be any more.
      value = encodeStructured(
        describeError(error, () => false),
        this.#snapshot,
      );
    }
    this.#answer(task, resultFlags.error, value, start);
  }

  #answer(task: BatchEntry, flags: number, value: EncodedValue | undefined, start: number): void {
    const now = performance.now();
    this.#now = now;
    if (this.#writer.entries === 0) this.#oldestResult = start;
    this.#writer.add(task.session, task.id, 0, flags, value, now - start);
    if (now - this.#oldestResult > longestHold || this.#writer.entries >= resultsPerMessage)
      this.#flush();
  }

  #flush(): void {
    if (this.#writer.entries > 0) this.#writer.finish(this.#send);
  }
}

/** A chunk of a map: the function for each argument list; asynchronous ones one after another. */
function callChunk(
  fn: TaskFunction,
  argumentLists: readonly never[][],
): unknown[] | Promise<unknown[]> {
  const results: unknown[] = [];
  for (const args of argumentLists) {
    const result: unknown = Reflect.apply(fn, undefined, args);
    if (isThenable(result)) return finishChunk(fn, argumentLists, results, result);
    results.push(result);
  }
  return results;
}

async function finishChunk(
  fn: TaskFunction,
  argumentLists: readonly never[][],
  results: unknown[],
  first: PromiseLike<unknown>,
): Promise<unknown[]> {
  results.push(await first);
  for (const args of argumentLists.slice(results.length))
    results.push(await Reflect.apply(fn, undefined, args));
  return results;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function canTravel(value: unknown): boolean {
  try {
    encodeStructured(value, plainSnapshot);
    return true;
  } catch {
    return false;
  }
}
