/** The options of a pool, checked once, when it is made. */

import { argumentRangeError, argumentTypeError } from '../argument_errors.js';
import { defaultHeartbeat } from '../workers/static_workers.js';
import type { ValueCodec } from '../values/value_codec.js';
import {
  validateBoolean,
  validateDuration,
  validateFunction,
  validateOneOf,
  validateOptions,
  validatePositiveInteger,
  validateString,
  validateTimeout,
  type KnownOptions,
} from '../validators.js';
import { defaultBootTimeout, isBootTimeoutSet } from './boot_timeout.js';
import { booleanOfEnvironment } from './boolean_of_environment.js';

/** Names and values: an object, a Map, or any iterable of pairs. */
export type Pairs<T> = Readonly<Record<string, T>> | Iterable<readonly [string, T]>;

/** Options of `PoolExecutor` and `ProcessPoolExecutor`. */
export interface PoolOptions {
  /**
   * The maximum number of workers to spawn: a positive integer. Default: `MPI_FUTURES_MAX_WORKERS`, else MPI's universe
   * size minus the number of running processes, at least 1. Workers that the launcher has started are always all used.
   */
  maxWorkers?: number | undefined;
  /**
   * A function that runs once on each worker, before its first task; it may be asynchronous. If it throws on any
   * worker, the executor is broken.
   */
  initializer?: ((...args: never[]) => unknown) | undefined;
  /** The arguments of the initializer. Default: none. */
  initArgs?: readonly unknown[] | undefined;
  /** The Node.js binary of spawned workers. Default: that of this process. */
  execPath?: string | undefined;
  /**
   * Node.js flags of spawned workers, in addition to those of this process: `['--max-old-space-size=4096']`. Default:
   * none.
   */
  execArgv?: readonly string[] | undefined;
  /**
   * The `MPI_Info` for `MPI_Comm_spawn`: where and how workers start, such as `{ host: 'node7' }`. Default: `{ soft:
   * '1:N' }`.
   */
  mpiInfo?: Pairs<string> | undefined;
  /** Properties of `globalThis` for the tasks of this executor, set before a worker imports anything of the program. */
  globals?: Pairs<unknown> | undefined;
  /**
   * When workers import the main module of the program: with the first function that uses anything from it (default),
   * when they start (`true`), or never (`false`). With `false`, functions that need it are refused.
   */
  main?: boolean | undefined;
  /** Additional directories in which workers look for packages that `import` or `require` name. Default: none. */
  path?: readonly string[] | undefined;
  /**
   * `'copy'` (default): the variables that a function captures are copied at every `submit`. `'error'`: functions that
   * capture variables are refused.
   */
  closures?: 'copy' | 'error' | undefined;
  /** Encodes arguments and results in place of the package's own codec. */
  codec?: ValueCodec | undefined;
  /** The working directory of this executor's tasks. Default: the worker's own. */
  cwd?: string | undefined;
  /** Variables that are added to `process.env` for this executor's tasks. */
  env?: Pairs<string> | undefined;
  /**
   * The longest time for workers to start, in milliseconds. Default: `MPI_FUTURES_BOOT_TIMEOUT`, else 60 000; without
   * either a start also fails after 9 s (30 s on several hosts) without progress (docs/guide/troubleshooting.md).
   */
  bootTimeout?: number | undefined;
  /**
   * True: the pool replaces a spawned worker that has died. This needs an MPI whose other processes survive a death:
   * Open MPI 4 under `mpiexec --enable-recovery`, or without mpiexec, where `true` also asks Open MPI for it. Default:
   * true if Open MPI was told to recover. See docs/guide/clusters.md.
   */
  restart?: boolean | undefined;
  /**
   * True: the tasks of each worker run in a process beside it, its sandbox, in which there is no MPI. Whatever ends the
   * sandbox (memory, a crash of native code, a signal), the program and the other workers go on, and the worker has
   * another sandbox at once, with every MPI. Executors that share the launcher's ranks share this: the first one decides.
   * Default: `MPI_FUTURES_ISOLATE`, else false. See docs/guide/isolation.md.
   */
  isolate?: boolean | undefined;
  /**
   * The longest pause between two checks for messages from other hosts, in milliseconds. Default:
   * `MPI_FUTURES_BACKOFF`, else 1.
   */
  backoff?: number | undefined;
  /**
   * True: large buffers are sent as separate messages, which saves a copy. Default: `MPI_FUTURES_OUT_OF_BAND`, else
   * true.
   */
  outOfBand?: boolean | undefined;
  /**
   * The time of silence, in milliseconds, after which the pool considers a worker on another host lost, and the worker
   * its master; also the time for which a worker of this host may be stopped (SIGSTOP, Linux only). `Infinity`: never. A
   * process that computes is not silent. If executors share workers, the value of the
   * first one applies. Default: 15 000.
   */
  heartbeat?: number | undefined;
  /**
   * The number of tasks after which a worker is replaced by a fresh one, on which the initializer runs again; a chunk of a
   * map is one task. For workers that can be replaced: with `isolate: true`, and those of a `ThreadPoolExecutor`. If
   * executors share workers, the value of the first one applies. Default: `Infinity`, never.
   */
  maxTasksPerWorker?: number | undefined;
  /**
   * The memory, in bytes, from which on a worker is replaced by a fresh one. It is measured when a task has ended, so no task
   * is lost by it. A thread counts its heap and its buffers. For workers that can be replaced: with `isolate: true`, and those of
   * a `ThreadPoolExecutor`. Default: `Infinity`, never.
   */
  maxMemory?: number | undefined;
}

/** All options, with their defaults; `maxWorkers` is undefined if only MPI knows it. */
export interface ResolvedPoolOptions {
  readonly maxWorkers: number | undefined;
  readonly initializer: ((...args: never[]) => unknown) | undefined;
  readonly initArgs: readonly unknown[];
  readonly execPath: string | undefined;
  readonly execArgv: readonly string[];
  readonly mpiInfo: Readonly<Record<string, string>> | undefined;
  readonly globals: Readonly<Record<string, unknown>>;
  readonly main: boolean | undefined;
  readonly path: readonly string[];
  readonly closures: 'copy' | 'error';
  readonly codec: ValueCodec | undefined;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly bootTimeout: number;
  readonly isBootTimeoutGiven: boolean;
  readonly restart: boolean | undefined;
  readonly isolate: boolean;
  readonly backoff: number;
  readonly outOfBand: boolean;
  readonly heartbeat: number;
  readonly maxTasksPerWorker: number;
  readonly maxMemory: number;
}

/** The names of an executor's options, and what its workers are like. */
export interface KnownExecutorOptions extends KnownOptions {
  /** True if a worker can be replaced while the program runs. */
  readonly replacesWorkers?: boolean;
}

/** The names of the options, with the names that other libraries use. */
export const knownPoolOptions: KnownExecutorOptions = {
  of: 'PoolExecutor',
  names: [
    'maxWorkers',
    'initializer',
    'initArgs',
    'execPath',
    'execArgv',
    'mpiInfo',
    'globals',
    'main',
    'path',
    'closures',
    'codec',
    'cwd',
    'env',
    'bootTimeout',
    'restart',
    'isolate',
    'backoff',
    'outOfBand',
    'heartbeat',
    'maxTasksPerWorker',
    'maxMemory',
  ],
  synonyms: {
    python_exe: 'execPath',
    python_args: 'execArgv',
    wdir: 'cwd',
    mainModule: 'main',
    use_closures: 'closures',
    serializer: 'codec',
    use_pkl5: 'outOfBand',
    workers: 'maxWorkers',
    maxThreads: 'maxWorkers',
    n: 'maxWorkers',
    max_tasks_per_child: 'maxTasksPerWorker',
    maxtasksperchild: 'maxTasksPerWorker',
    maxMemoryLimitBeforeRecycle: 'maxMemory',
  },
};

const defaultBackoff = 1;

/**
 * Checks the arguments of an executor's constructor, `(options)` or `(maxWorkers, options)`, and fills in defaults.
 *
 * @param known - the options that this executor takes
 * @throws {TypeError | RangeError} that names the option
 */
export function resolvePoolOptions(
  first: number | PoolOptions,
  second: PoolOptions,
  known = knownPoolOptions,
): ResolvedPoolOptions {
  validateOptions(second, known);
  if (typeof first === 'object' && Object.keys(second).length > 0)
    throw argumentTypeError('(options) or (maxWorkers, options)', 'the arguments', [first, second]);
  const options = typeof first === 'object' ? first : { ...second, maxWorkers: first };
  validateOptions(options, known);
  const { maxWorkers, initializer, initArgs = [], execPath, execArgv = [], cwd } = options;
  const { main, path = [], closures = 'copy', codec, restart } = options;
  const { mpiInfo, globals = {}, env = {}, bootTimeout = defaultBootTimeout(), backoff } = options;
  const { outOfBand, heartbeat = defaultHeartbeat, isolate } = options;
  const { maxTasksPerWorker = Infinity, maxMemory = Infinity } = options;
  if (maxWorkers !== undefined) validateMaxWorkers(maxWorkers, 'maxWorkers');
  if (initializer !== undefined) validateFunction(initializer, 'initializer');
  if (execPath !== undefined) validateString(execPath, 'execPath');
  if (cwd !== undefined) validateString(cwd, 'cwd');
  if (main !== undefined) validateBoolean(main, 'main');
  if (codec !== undefined) validateCodec(codec);
  validateOneOf(closures, 'closures', ['copy', 'error']);
  validateTimeout(bootTimeout, 'bootTimeout');
  if (restart !== undefined) validateBoolean(restart, 'restart');
  if (isolate !== undefined) validateBoolean(isolate, 'isolate');
  const isIsolated = isolate ?? booleanOfEnvironment('MPI_FUTURES_ISOLATE', false);
  if (known.replacesWorkers !== true && !isIsolated) refuseRecycling(options, known.of);
  if (backoff !== undefined) validateTimeout(backoff, 'backoff');
  if (outOfBand !== undefined) validateBoolean(outOfBand, 'outOfBand');
  validateDuration(heartbeat, 'heartbeat');
  if (maxTasksPerWorker !== Infinity)
    validatePositiveInteger(maxTasksPerWorker, 'maxTasksPerWorker');
  if (maxMemory !== Infinity) validateMaxMemory(maxMemory);
  return {
    maxWorkers: maxWorkers ?? maxWorkersOfEnvironment(),
    initializer,
    initArgs: listOf(initArgs, 'initArgs'),
    execPath,
    execArgv: stringsOf(execArgv, 'execArgv'),
    mpiInfo: mpiInfo === undefined ? undefined : stringRecordOf(mpiInfo, 'mpiInfo'),
    globals: recordOf(globals, 'globals'),
    main,
    path: stringsOf(path, 'path'),
    closures,
    codec,
    cwd,
    env: variablesOf(env),
    bootTimeout,
    isBootTimeoutGiven: options.bootTimeout !== undefined || isBootTimeoutSet(),
    restart,
    isolate: isIsolated,
    backoff: backoff ?? backoffOfEnvironment(),
    outOfBand: outOfBand ?? booleanOfEnvironment('MPI_FUTURES_OUT_OF_BAND', true),
    heartbeat,
    maxTasksPerWorker,
    maxMemory,
  };
}

/** @throws {TypeError} for options that need workers which can be replaced */
function refuseRecycling(options: PoolOptions, of: string): void {
  for (const name of ['maxTasksPerWorker', 'maxMemory'] as const) {
    if (options[name] === undefined) continue;
    const why = 'its workers are MPI processes, and one that ends would end the program';
    const message = `${of} does not take ${name}: ${why}. Use isolate: true, or a ThreadPoolExecutor`;
    throw Object.assign(new TypeError(message), { code: 'ERR_UNKNOWN_OPTION' });
  }
}

/** A worker that has not done anything has some 10 MB. */
const leastMemory = 2 ** 24;

function validateMaxMemory(value: unknown): void {
  const expected = `a number of bytes, at least ${leastMemory} (16 MiB),`;
  if (typeof value !== 'number') throw argumentTypeError(expected, 'maxMemory', value);
  if (!(value >= leastMemory)) throw argumentRangeError(expected, 'maxMemory', value);
}

function validateMaxWorkers(value: unknown, name: string): void {
  if (typeof value === 'number' && value <= 0) {
    throw Object.assign(new RangeError(`${name} must be greater than 0 but is ${value}`), {
      code: 'ERR_OUT_OF_RANGE',
    });
  }
  validatePositiveInteger(value, name);
}

function maxWorkersOfEnvironment(): number | undefined {
  const word = process.env.MPI_FUTURES_MAX_WORKERS;
  if (!word?.trim()) return undefined;
  const value = Number(word);
  validateMaxWorkers(Number.isNaN(value) ? word : value, 'MPI_FUTURES_MAX_WORKERS');
  return value;
}

function backoffOfEnvironment(): number {
  const word = process.env.MPI_FUTURES_BACKOFF;
  if (!word?.trim()) return defaultBackoff;
  const value = Number(word);
  validateTimeout(Number.isNaN(value) ? word : value, 'MPI_FUTURES_BACKOFF');
  return value;
}

function validateCodec(codec: unknown): void {
  if (typeof codec !== 'object' || codec === null)
    throw argumentTypeError('an object with encode and decode', 'codec', codec);
  const { encode, decode } = codec as Record<string, unknown>;
  validateFunction(encode, 'codec.encode');
  validateFunction(decode, 'codec.decode');
}

function listOf(value: Iterable<unknown>, name: string): unknown[] {
  if (typeof value === 'string' || !isIterable(value))
    throw argumentTypeError('an array', name, value);
  return [...value];
}

function stringsOf(value: Iterable<unknown>, name: string): string[] {
  const list = listOf(value, name);
  for (const [index, element] of list.entries()) validateString(element, `${name}[${index}]`);
  return list as string[];
}

function recordOf<T>(pairs: Pairs<T>, name: string): Record<string, T> {
  if (typeof pairs !== 'object' || (pairs as unknown) === null)
    throw argumentTypeError('an object or pairs', name, pairs);
  try {
    return Object.fromEntries(
      isIterable(pairs) ? (pairs as Iterable<readonly [string, T]>) : Object.entries(pairs),
    );
  } catch {
    throw argumentTypeError('an object or pairs', name, pairs);
  }
}

function stringRecordOf(pairs: Pairs<string>, name: string): Record<string, string> {
  const record = recordOf(pairs, name);
  for (const [key, value] of Object.entries(record)) validateString(value, `${name}.${key}`);
  return record;
}

function variablesOf(env: Pairs<string>): Record<string, string> {
  const record = stringRecordOf(env, 'env');
  for (const [key, value] of Object.entries(record)) {
    if (key === '' || /[=\0]/.test(key)) throw argumentTypeError('names of variables', 'env', key);
    if (value.includes('\0')) throw argumentTypeError('a string without NUL', `env.${key}`, value);
  }
  return record;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
