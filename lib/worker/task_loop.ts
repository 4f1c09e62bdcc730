/**
 * Runs tasks one after another, in order of arrival, and sends their results in batches.
 *
 * Synchronous tasks run without a turn of the event loop in between; an asynchronous one is awaited before the next
 * begins.
 *
 * Results are sent when no task is left to run, or when the oldest result has waited for a millisecond, or would have
 * waited that long after the next task; for some milliseconds where more is left than was done, so that the master need not
 * be woken for each of them. The next task may take long, or end this process. So results are sent before a function runs
 * for the first time, or if its last run exceeded the limit, and the next task begins when MPI has taken them.
 */

import { hostname } from 'node:os';

import { BrokenExecutorError } from '../errors.js';
import { Fifo } from '../futures/fifo.js';
import {
  BatchWriter,
  functionsNamedIn,
  mostUndefinedArguments,
  readBatch,
  resultFlags,
  taskFlags,
  valueOf,
  type BatchEntry,
} from '../tasks/batches.js';
import { encodeValue, functionsOf, type EncodedValue } from '../values/encoded_value.js';
import type { FunctionDefinition } from '../functions/function_definition.js';
import { IncomingFunctions } from '../functions/incoming_functions.js';
import type { ModuleAccess } from '../functions/module_access.js';
import { OutgoingFunctions } from '../functions/outgoing_functions.js';
import {
  encodeMessage,
  MessageKind,
  setUpFailed,
  type ClientReady,
  type ClientSetup,
  type TaskProgress,
} from '../tasks/messages.js';
import { listsOf, type Chunk } from '../tasks/chunks.js';
import { encodeThrown } from '../tasks/remote_error.js';
import { plainSnapshot } from '../values/buffers/snapshot.js';
import { packWith, unpackWith, type ValueCodec } from '../values/value_codec.js';
import { roots } from '../values/refusing/paths.js';
import { encodeStructure, type EncodingContext } from '../values/structure.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import { endBroken } from './end_broken.js';
import { asOwn, callTheirs, vital } from './unchanged_language.js';
import { ObservedCollector } from './collector.js';
import { ClientSettings } from './client_settings.js';
import { applySetup } from './apply_setup.js';
import { setCurrentTask, type TaskInfo } from './current_task.js';
import { awaitRun, begin, leave, presentRun, type Run } from './task_guard.js';
import { MemoryLimit } from './memory_limit.js';
import { TaskSignals } from './task_signals.js';
import type { MasterLink } from './master_link.js';

/** Milliseconds for which any result may wait for the next ones. */
const shortHold = 1;
const resultsPerMessage = 512;

/** Adds the arguments that JSON does not have. */
function addUndefined(args: unknown[], flags: number): void {
  const count = Math.trunc(flags / taskFlags.undefinedArgument) & mostUndefinedArguments;
  for (let added = 0; added < count; added++) args[args.length] = undefined;
}

/** Something to do in its turn: a task, or anything that takes longer. */
type Step = BatchEntry | (() => void | Promise<void>);

/** The tasks of one worker, and the set-ups of their executors, done one after another. */
export class TaskLoop {
  /** The worker's rank among the workers of the pool. */
  rank = 0;
  /** The AbortSignals of tasks. */
  readonly signals = new TaskSignals();
  readonly #modules: ModuleAccess;
  readonly #link: MasterLink;
  readonly #steps = new Fifo<Step>();
  /** The current step. */
  #step: Step | undefined;
  #running = false;
  readonly #incoming: IncomingFunctions;
  readonly #outgoing: OutgoingFunctions;
  /** The ids of the functions that the master knows. */
  readonly #defined = new Set<number>();
  readonly #settings = new ClientSettings();
  readonly #codecs = new Map<number, ValueCodec>();
  /** The names of the clients' executors. */
  readonly #executors = new Map<number, string>();
  /** The clients whose set-up failed, with the error. */
  readonly #failedClients = new Map<number, unknown>();
  readonly #result: EncodingContext;
  /** Clients whose results have no out-of-band buffers. */
  readonly #inStream = new Set<number>();
  readonly #thrown: EncodingContext;
  readonly #writer = new BatchWriter(MessageKind.results, true);
  readonly #memory = new MemoryLimit();
  #collector: ObservedCollector | undefined;
  #now = 0;
  #oldestResult = 0;
  #handedOver = true;
  /** The run time of the latest task of each kind. */
  readonly #runTimes = new Map<number, number>();

  constructor(modules: ModuleAccess, link: MasterLink) {
    this.#modules = modules;
    this.#link = link;
    this.#outgoing = new OutgoingFunctions({
      originOf: (fn) => this.#incoming.originOf(fn),
      scopes: () => modules.scopes(),
    });
    this.#incoming = new IncomingFunctions(modules, (origin) => this.#outgoing.functionOf(origin)!);
    const { snapshot } = link;
    this.#result = { snapshot, functions: this.#outgoing, root: roots.result };
    this.#thrown = { ...this.#result, root: roots.error, lenientErrors: true };
    setCurrentTask({
      signal: () => this.signals.current,
      info: () => asOwn(() => this.#taskInfo()),
      report: (value) => asOwn(() => this.#report(value)),
    });
  }

  setUp(setup: ClientSetup): void {
    const { client } = setup;
    if (!setup.outOfBand) this.#inStream.add(client);
    this.#memory.set(setup.maxMemory);
    this.#executors.set(client, setup.executor);
    this.#steps.push(() => {
      const run = begin();
      const applied = applySetup(setup, this.#settings, this.#incoming, this.#modules);
      leave();
      return awaitRun(run, applied).then(
        (codec) => {
          run.end();
          vital(() => {
            if (codec !== undefined) this.#codecs.set(client, codec);
            this.#tellReady({ client, error: undefined });
          });
        },
        (error: unknown) => {
          run.end();
          vital(() => {
            this.#setUpFailed(client, error);
          });
        },
      );
    });
  }

  #setUpFailed(client: number, error: unknown): void {
    this.#settings.forget(client);
    this.#failedClients.set(client, error);
    const encoded = encodeThrown(error, (value) =>
      encodeStructure(value, { ...this.#thrown, snapshot: plainSnapshot }),
    );
    this.#define(encoded);
    this.#tellReady({ client, error: typeof encoded === 'object' ? encoded : undefined });
  }

  readonly #send: MasterLink['send'] = (payload, length, buffers) => {
    this.#link.send(payload, length, buffers);
  };

  #tellReady(ready: ClientReady): void {
    this.#tell(MessageKind.ready, ready);
  }

  #tell(kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    this.#send(message, message.byteLength, undefined);
  }

  /** Ends a client after those of its tasks that have arrived; nothing more comes from it. */
  endClient(client: number): void {
    this.#steps.push(() => {
      this.#settings.forget(client);
      this.#codecs.delete(client);
      this.#executors.delete(client);
      this.#failedClients.delete(client);
      this.#inStream.delete(client);
    });
  }

  /** Says from the next result on when each task began, and when memory was collected; or no more. */
  trace(on: boolean): void {
    this.#steps.push(() => {
      this.#flush();
      this.#writer.isTraced = on;
    });
    this.#collector?.stop();
    this.#collector = on
      ? new ObservedCollector((collections) => {
          this.#tell(MessageKind.collections, collections);
        })
      : undefined;
  }

  /** Stops the loop: no more tasks come. Executors' settings are removed from this process. */
  end(): void {
    this.#collector?.stop();
    this.#settings.leave();
  }

  define(definition: FunctionDefinition): void {
    this.#incoming.define(definition);
  }

  forget(id: number): void {
    this.#incoming.forget(id);
    this.#runTimes.delete(id);
  }

  add(message: Buffer, buffers: ArrayBuffer[] | undefined): void {
    readBatch(message, buffers, false, (task) => {
      this.#steps.push({ ...task });
    });
  }

  /**
   * The function of the current task: its id, or 0 for other code of the program; undefined if no code of the program
   * runs.
   */
  get current(): number | undefined {
    const step = this.#step;
    return typeof step === 'object' ? this.#incoming.kindOf(step.fn) : step && 0;
  }

  run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#now = performance.now();
    this.#runSteps();
  }

  #runSteps(): void {
    for (let step = this.#steps.take(); step !== undefined; step = this.#steps.take()) {
      // The master has called it back.
      if (typeof step === 'object' && this.#link.claims?.claim(step.id) === false) continue;
      this.#step = step;
      if (this.#writer.entries > 0 && !this.#endsInTime(step)) this.#flush();
      if (!this.#handedOver) this.#handOver();
      const pending = typeof step === 'function' ? step() : this.#runTask(step);
      if (pending === undefined) continue;
      this.#flush();
      pending.then(() => {
        vital(() => {
          this.#now = performance.now();
          this.#runSteps();
        });
      }, endBroken);
      return;
    }
    leave();
    this.#step = undefined;
    this.#running = false;
    this.#flush();
  }

  #runTask(task: BatchEntry): void | Promise<void> {
    if (task.client !== this.#settings.client) {
      try {
        this.#settings.enter(task.client);
      } catch (error) {
        this.#answerError(task, error, this.#now);
        return;
      }
    }
    const pending =
      this.#incoming.prepareOne(task.fn) ?? this.#incoming.prepare(functionsNamedIn(task));
    if (pending === undefined) return this.#runPrepared(task);
    leave();
    return pending.then(() =>
      asOwn(() => {
        this.#now = performance.now();
        return this.#runTask(task);
      }),
    );
  }

  #runPrepared(task: BatchEntry): void | Promise<void> {
    const start = this.#now;
    if (this.#failedClients.size > 0 && this.#failedClients.has(task.client)) {
      const cause = this.#failedClients.get(task.client);
      this.#answerError(task, new BrokenExecutorError(setUpFailed, { cause }), start);
      return;
    }
    if (this.signals.isAborted(task.id)) {
      this.#answer(task, resultFlags.dropped, undefined, start);
      // At once: until the master knows, this process counts as being at this task, and may be ended for it.
      this.#flush();
      return;
    }
    if ((task.flags & taskFlags.timed) !== 0) this.#tell(MessageKind.started, task.id);
    this.signals.begin(task.id);
    const run = begin();
    run.task = task.id;
    try {
      const result = this.#call(task, run);
      if (isThenable(result)) return this.#await(task, run, result, start);
      this.#succeed(task, run, result, start);
    } catch (error) {
      this.#fail(task, run, error, start);
    }
  }

  #await(task: BatchEntry, run: Run, result: PromiseLike<unknown>, start: number): Promise<void> {
    leave();
    return awaitRun(run, result).then(
      (value) => {
        vital(() => {
          this.#succeed(task, run, value, start);
        });
      },
      (error: unknown) => {
        vital(() => {
          this.#fail(task, run, error, start);
        });
      },
    );
  }

  #call(task: BatchEntry, run: Run): unknown {
    const value = valueOf(task, this.#incoming);
    const { flags } = task;
    if (flags === taskFlags.none) {
      run.fn = this.#incoming.receive(task.fn).fn;
      return callTheirs(run.fn, value as never[]);
    }
    const [fn, given] =
      (flags & taskFlags.closure) !== 0
        ? (value as [AnyFunction, unknown])
        : [this.#incoming.receive(task.fn).fn, value];
    run.fn = fn;
    if (flags >= taskFlags.undefinedArgument) addUndefined(given as unknown[], flags);
    const args =
      (flags & taskFlags.custom) !== 0 ? unpackWith(this.#codecs.get(task.client)!, given) : given;
    return (flags & taskFlags.chunk) !== 0
      ? callChunk(fn, listsOf(args as Chunk) as never[][], run)
      : callTheirs(fn, args as never[]);
  }

  #succeed(task: BatchEntry, run: Run, result: unknown, start: number): void {
    if (run.failure !== undefined) {
      this.#fail(task, run, run.failure.error, start);
      return;
    }
    const codec = this.#codecs.size === 0 ? undefined : this.#codecs.get(task.client);
    let value: EncodedValue | undefined;
    try {
      if (codec !== undefined) value = this.#encode(packWith(codec, result), task.client);
      else if (result !== undefined) value = this.#encode(result, task.client);
    } catch (error) {
      this.#fail(task, run, error, start);
      return;
    }
    run.end();
    this.#answer(task, codec === undefined ? resultFlags.value : resultFlags.custom, value, start);
  }

  #fail(task: BatchEntry, run: Run, error: unknown, start: number): void {
    const { failure } = run;
    run.end();
    this.#answerError(task, failure === undefined ? error : failure.error, start);
  }

  #answerError(task: BatchEntry, error: unknown, start: number): void {
    const { client } = task;
    const value = encodeThrown(error, (thrown) => this.#encode(thrown, client, this.#thrown));
    this.#answer(task, resultFlags.error, value, start);
  }

  /** The task whose code has led to this call, if it has not ended. */
  #present(): BatchEntry | undefined {
    const step = this.#step;
    return typeof step === 'object' && presentRun()?.task === step.id ? step : undefined;
  }

  #taskInfo(): TaskInfo | undefined {
    const task = this.#present();
    if (task === undefined) return undefined;
    const { client, flags } = task;
    return {
      worker: this.rank,
      host: hostname(),
      attempt: 1 + Math.trunc(flags / taskFlags.lostAttempt),
      executor: this.#executors.get(client) ?? '',
    };
  }

  /** Sends a value of the present task; false if there is none. */
  #report(value: unknown): boolean {
    const task = this.#present();
    if (task === undefined) return false;
    const codec = this.#codecs.get(task.client);
    const given = codec === undefined ? value : packWith(codec, value);
    const encoded = encodeStructure(given, {
      ...this.#result,
      snapshot: plainSnapshot,
      root: roots.value,
    });
    this.#define(encoded);
    const { bytes, buffers } = encoded;
    this.#tell(MessageKind.progress, {
      task: task.id,
      value: { bytes, buffers },
      isPacked: codec !== undefined,
    } satisfies TaskProgress);
    return true;
  }

  #encode(value: unknown, client: number, usual = this.#result): EncodedValue {
    const inStream = this.#inStream.size > 0 && this.#inStream.has(client);
    const context = inStream ? { ...usual, snapshot: undefined } : usual;
    const encoded = encodeValue(value, context);
    this.#define(encoded);
    return encoded;
  }

  /** Sends the definitions of functions before the first message that refers to them. */
  #define(encoded: EncodedValue): void {
    for (const id of functionsOf(encoded)) {
      if (this.#defined.has(id)) continue;
      this.#defined.add(id);
      this.#tell(MessageKind.define, this.#outgoing.definition(id));
    }
  }

  #answer(task: BatchEntry, flags: number, value: EncodedValue | undefined, start: number): void {
    const now = performance.now();
    this.#now = now;
    this.signals.end();
    if (this.#writer.entries === 0) this.#oldestResult = start;
    this.#writer.add(task.client, task.id, 0, flags, value, now - start, start);
    if (flags !== resultFlags.dropped)
      this.#runTimes.set(this.#incoming.kindOf(task.fn), now - start);
    if (this.#writer.entries >= resultsPerMessage) this.#flush();
  }

  /** True if the finished results can wait until this step is done, judging by earlier run times. */
  #endsInTime(step: Step): boolean {
    if (typeof step === 'function') return false;
    const runTime = this.#runTimes.get(this.#incoming.kindOf(step.fn));
    if (runTime === undefined) return false;
    const held = this.#now + runTime - this.#oldestResult;
    if (held <= shortHold) return true;
    return held <= this.#link.holdTime && this.#steps.size > this.#writer.entries;
  }

  /**
   * Hands over what was sent, including messages sent when no task was left to run: the next tasks may have come at
   * once.
   */
  #handOver(): void {
    this.#link.handOver();
    this.#handedOver = true;
  }

  #flush(): void {
    if (this.#writer.entries === 0) return;
    this.#collector?.tell();
    this.#writer.finish(this.#send);
    if (this.#memory.isReached(this.#now)) this.#tell(MessageKind.full, undefined);
    this.#handedOver = false;
  }
}

/**
 * Runs a chunk of a map: calls the function for each argument list, and awaits each asynchronous call before the next.
 */
function callChunk(
  fn: AnyFunction,
  argumentLists: readonly never[][],
  run: Run,
): unknown[] | Promise<unknown[]> {
  const results: unknown[] = [];
  for (const args of argumentLists) {
    const result: unknown = callTheirs(fn, args);
    if (run.failure !== undefined) break;
    if (isThenable(result)) return finishChunk(fn, argumentLists, run, results, result);
    results.push(result);
  }
  return results;
}

async function finishChunk(
  fn: AnyFunction,
  argumentLists: readonly never[][],
  run: Run,
  results: unknown[],
  first: PromiseLike<unknown>,
): Promise<unknown[]> {
  results[results.length] = await first;
  for (let at = results.length; at < argumentLists.length && run.failure === undefined; at++)
    results[at] = await asOwn(() => callTheirs(fn, argumentLists[at]!));
  return results;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
