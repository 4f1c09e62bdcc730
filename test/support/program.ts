/**
 * Runs real programs under the real mpiexec. A run goes on, ends and leaves no process behind, or the test fails with what
 * was hanging or left. How fast the machine is does not matter: run.ts watches for progress.
 */

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { mpiexecHasCrashed } from '../../scripts/crashes.mjs';
import { findMpiexec, launchEnvironment, majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { addonFile } from '../../scripts/paths.mjs';
import type { Marker } from '../../scripts/marked_processes.mjs';
import { isKept, keepFailure } from './hang_report.js';
import { endAll } from './process_tree.js';
import { Run, UnexpectedEndError, type Patience, type RunningProgram, type Said } from './run.js';

export type Mpi = 'openmpi' | 'mpich';

export interface ProgramOptions extends Partial<Patience> {
  /** Whose mpiexec starts the program; null: none. */
  mpi?: Mpi | null;
  ranks?: number;
  /** In place of the one of this MPI that is found. */
  mpiexec?: string;
  mpiexecArgs?: readonly string[];
  nodeArgs?: readonly string[];
  /** What starts all this: a command whose last argument is another one. */
  within?: readonly string[];
  /** The file that node runs. */
  program: string;
  args?: readonly string[];
  cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Nothing, and so an end of file at once, if not given. */
  stdin?: string;
  /** Acts on the program while it runs. */
  whileRunning?: (program: RunningProgram) => Promise<void>;
  /**
   * Whether a run in which Open MPI's mpiexec has hung at its own end has a result, without a status; otherwise it has to end the
   * second time (see {@link runProgram}).
   */
  mpiexecMayHang?: boolean;
}

export interface ProgramResult extends Said {
  status: number | null;
  signal: NodeJS.Signals | null;
  /** In milliseconds, from start to the end of what was started. */
  duration: number;
  /** It alone was left, did nothing more, and was killed. */
  mpiexecHung: boolean;
}

/** Those of the test that runs. */
let results: ProgramResult[] = [];

// The message of a failure has at most the end of the output, so all of it is saved.
afterEach(() => {
  // Set by test/support/environment.mjs.
  const { testHasFailed } = globalThis as { testHasFailed?: boolean };
  const { currentTestName = '' } = expect.getState();
  if (testHasFailed === true) for (const result of results) keepOutput(currentTestName, result);
  results = [];
});

/** Keeps all that a program has said, if it is not kept yet: it is printed with what has failed. */
export function keepOutput(what: string, result: ProgramResult): void {
  if (isKept(result)) return;
  const { command, status, signal, mpiexecHung } = result;
  const how = mpiexecHung ? 'only mpiexec was left, and hung' : `ended with ${signal ?? status}`;
  keepFailure(`${what}\n${command}\n${how}`, result, '-failed');
}

/**
 * Where ranks have ended by force, Open MPI's own mpiexec hangs or crashes at times when they are gone (docs/design/lifecycle.md),
 * and nobody has their status: such a program is run once more, which is told.
 *
 * @throws {ProgramHangsError} when it makes no progress, or none that ends: with every process of the run, and where each of its threads waits
 * @throws {ProcessesLeftError} when a process outlives the program, naming it
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  const { mpi, mpiexecMayHang = mpi === 'openmpi' } = options;
  const result = await runOnce({ ...options, mpiexecMayHang });
  if (options.mpiexecMayHang !== undefined || !mpiexecHasFailed(result)) return result;
  const how = result.mpiexecHung ? 'hung, with no other process left' : 'has crashed';
  console.warn(`${result.command}\nmpiexec itself ${how}: the program is run again`);
  return runOnce(options);
}

function mpiexecHasFailed({ mpiexecHung, stderr }: ProgramResult): boolean {
  return mpiexecHung || mpiexecHasCrashed(stderr);
}

async function runOnce(options: ProgramOptions): Promise<ProgramResult> {
  const marker: Marker = `MPI_FUTURES_TEST_RUN=${randomUUID()}`;
  const [file = '', ...args] = [...(options.within ?? []), ...commandLine(options)];
  const start = performance.now();
  const child = spawn(file, args, {
    env: environment(options, marker),
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { deadline, silence, afterlife } = options;
  const patience = {
    ...(deadline && { deadline }),
    ...(silence && { silence }),
    ...(afterlife && { afterlife }),
  };
  const run = new Run(child, marker, patience, options.mpiexecMayHang);
  // The program may end without reading all of its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);
  try {
    const { status, signal } = await run.end(options.whileRunning);
    const duration = performance.now() - start;
    await run.checkNothingIsLeft();
    const { command, stdout, stderr, mpiexecHung } = run;
    const result = { command, status, signal, stdout, stderr, duration, mpiexecHung };
    results.push(result);
    return result;
  } finally {
    await endAll(marker);
  }
}

/** Fails with what the program said, which is where the reason is. */
export function expectStatus(result: ProgramResult, expected: number): void {
  if (result.status === expected) return;
  const ended = result.signal ? `signal ${result.signal}` : `status ${result.status}`;
  throw new UnexpectedEndError(
    `Expected status ${expected} but the program ended with ${ended} after ${Math.round(result.duration)} ms`,
    result,
  );
}

/** For a program that loses a worker which nobody replaces. It is aborted with status 1; the result has 0, as its checks count. */
export async function endedByLoss(run: Promise<ProgramResult>): Promise<ProgramResult> {
  const result = await run;
  expectStatus(result, 1);
  return { ...result, status: 0 };
}

/** Kills the process that the program asks for: it prints `kill PID` when that one is in the middle of something. */
export async function killVictim(program: RunningProgram): Promise<void> {
  const [, pid] = await program.printed(/^kill (\d+)\r?\n/m);
  process.kill(Number(pid), 'SIGKILL');
}

/**
 * That a process was killed has ended the job: mpiexec says so itself, or it was told by the first that noticed. Open MPI 5 and
 * later end whoever is connected with a process that is gone, with status 14 (docs/design/lifecycle.md): where the dead one was
 * spawned, mpiexec says that alone in 1 of 4 runs.
 */
export function expectEndedByDeath(result: ProgramResult): void {
  const isEndedByLibrary =
    majorOfOpenMpi() >= 5 &&
    result.status === 14 &&
    /An error occurred in (Socket closed|PMIx Event Notification)/.test(result.stderr);
  if (isEndedByLibrary) return;
  const ofOpenMpi =
    /exited on\s+signal 9|MPI_ABORT was invoked|a job it was connected to has failed/;
  const ofMpich = /EXIT STRING: Killed \(signal 9\)|application called MPI_Abort/;
  // MPICH's mpiexec prints it on stdout.
  const said = ofOpenMpi.test(result.stderr) || ofMpich.test(result.stdout + result.stderr);
  if (said && result.status !== 0) return;
  throw new UnexpectedEndError(
    `Expected an end by the death of a process but the program ended with status ${result.status}`,
    result,
  );
}

/**
 * Whether Open MPI has ended a program that ends by itself: 5 and later end one whose spawned process has ended, and may be first
 * (docs/design/lifecycle.md).
 */
export function isEndedByOpenMpi({ status }: ProgramResult, layout: string): boolean {
  return /^openmpi (singleton|spawned)$/.test(layout) && majorOfOpenMpi() >= 5 && status === 14;
}

/**
 * What it said on stderr, but for the warning that is due where all tests are run below MPI_THREAD_SERIALIZED, and those of a start
 * that takes over 10 s, as many ranks on a busy machine may.
 */
export function stderrOf(result: ProgramResult): string {
  const slowStart =
    /^.*(\[MPI_FUTURES_SLOW_START\]|mpi-futures: waiting for the \d+ processes).*\n(\(Use `node --trace-warnings .*\n)?/gm;
  const stderr = result.stderr.replace(slowStart, '');
  const { MPI_FUTURES_THREAD_LEVEL: level = '' } = process.env;
  if (!/^(single|funneled)$/.test(level)) return stderr;
  return stderr.replace(/^.* MPIThreadLevelWarning: .*\n\(Use `node --trace-warnings .*\n/m, '');
}

function commandLine({
  mpi,
  ranks = 1,
  mpiexec = mpi ? findMpiexec(mpi) : undefined,
  mpiexecArgs = [],
  nodeArgs = [],
  program,
  args = [],
}: ProgramOptions) {
  const node = [process.execPath, ...nodeArgs, program, ...args] as const;
  if (!mpi) return node;
  if (mpiexec === undefined) throw new Error(`There is no mpiexec of ${mpi} on this machine`);
  return [mpiexec, '-n', String(ranks), ...mpiexecArgs, ...node] as const;
}

/**
 * Without what jest, or whoever runs it, has set for itself; but all tests can be run at another thread level, or as if
 * between hosts.
 */
const ofOurs =
  /^(NODE_OPTIONS|NODE_ENV|JEST_WORKER_ID|FORCE_COLOR|MPI_FUTURES_(?!(THREAD_LEVEL|SHARED_MEMORY|ISOLATE)$).*)$/;

function environment({ mpi, env = {} }: ProgramOptions, marker: Marker): NodeJS.ProcessEnv {
  const inherited = Object.entries(launchEnvironment(mpi ?? 'openmpi')).filter(
    ([name]) => !ofOurs.test(name),
  );
  const [name = '', value] = marker.split('=');
  return {
    ...Object.fromEntries(inherited),
    NO_COLOR: '1',
    ...abiSettings(mpi ?? env.MPI_FUTURES_MPI ?? 'openmpi'),
    ...env,
    [name]: value,
  };
}

/** All tests can be run with the addon for the ABI of MPI 5: the variable names a folder of its libraries, one folder for each MPI. */
function abiSettings(mpi: string): NodeJS.ProcessEnv {
  const { MPI_FUTURES_TEST_MPI_ABI: libraries } = process.env;
  if (!libraries) return {};
  return { MPI_FUTURES_ADDON: addonFile('mpi_abi'), LD_LIBRARY_PATH: path.join(libraries, mpi) };
}
