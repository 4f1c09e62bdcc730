/** `mpi-futures -n N …`: starts mpiexec, passes signals on to it, and ends with its status. */

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { permission } from '../addon/oversubscription.js';
import { withoutRemoteShell } from '../addon/remote_shell.js';
import { packageFile } from '../package_files.js';
import { print } from '../print.js';
import { columnsOfStderr, columnsVariable } from '../progress/stderr_display.js';
import { settledWithin } from '../futures/wait_limits.js';
import { Tail } from '../workers/worker_output.js';
import type { LaunchCommand } from './command_line.js';
import { chooseMpiexec, type Mpiexec } from './choose_mpiexec.js';
import { inputVariable, commandVariable, thisCommand } from './launch_handover.js';

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Number of characters kept of mpiexec's output: the first ones tell why it starts nothing, the last ones how a rank has died. */
const longestExcerpt = 1 << 14;

const flushTimeout = 1000;

/** Statuses of MPICH's mpiexec when a rank has died by a signal: the signal. */
const signals: ReadonlySet<number> = new Set(
  (['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP'] as const).map(
    (name) => constants.signals[name],
  ),
);

/** Returns the exit status. The environment gets no variables that decide where or how processes may run. */
export async function startMpiexec(command: LaunchCommand): Promise<number> {
  const mpiexec = await chooseMpiexec();
  const input = await inputFile(command, mpiexec);
  const columns = columnsOfStderr();
  const env = {
    ...process.env,
    ...shellSettings(mpiexec),
    [commandVariable]: thisCommand(),
    [inputVariable]: input,
    [columnsVariable]: columns === undefined ? undefined : String(columns),
  };
  // In a process group of its own, so that Ctrl-C reaches it only once, from this process, and not also from the
  // terminal.
  const child = spawn(mpiexec.path, argumentsOf(command), {
    env,
    stdio: [input === undefined ? 'inherit' : 'ignore', 'inherit', 'pipe'] satisfies StdioOptions,
    detached: true,
  });
  try {
    const said = passOnErrors(child);
    const received = passOnSignals(child);
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await settledWithin(flushTimeout, once(child, 'close'));
    const end = received() ?? signal;
    if (end !== null) return 128 + constants.signals[end];
    if (status !== 0) print(process.stderr, adviceFor(said(), status, command, mpiexec));
    return status ?? 1;
  } finally {
    if (input !== undefined) rmSync(dirname(input), { recursive: true, force: true });
  }
}

function shellSettings({ implementation, version }: Mpiexec): Record<string, string> {
  return implementation === 'openmpi' && version.startsWith('4.') ? withoutRemoteShell() : {};
}

function argumentsOf({ ranks, options, words }: LaunchCommand): string[] {
  const program = [
    process.execPath,
    ...process.execArgv,
    packageFile('dist/cli/main.js'),
    ...words,
  ];
  return ['-n', String(ranks), ...options, ...program];
}

/**
 * Writes standard input to a file for rank 0, since MPICH's mpiexec ends the job if rank 0 does not read 64 KB as fast
 * as they come.
 */
async function inputFile(
  { program }: LaunchCommand,
  { implementation }: Mpiexec,
): Promise<string | undefined> {
  if (program.form !== 'input' || implementation !== 'mpich') return undefined;
  const text = await buffer(process.stdin);
  const file = join(mkdtempSync(join(tmpdir(), 'mpi-futures-input-')), 'program');
  writeFileSync(file, text);
  return file;
}

function passOnErrors({ stderr }: ChildProcess): () => string {
  let said = '';
  const last = new Tail();
  stderr?.on('data', (chunk: Buffer) => {
    if (said.length < longestExcerpt) said += chunk.toString();
    last.add(chunk);
    print(process.stderr, chunk); // where it cannot be written, the program has its results
  });
  return () => said + last.text;
}

function passOnSignals(child: ChildProcess): () => Signal | undefined {
  let first: Signal | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= signal;
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  }
  return () => first;
}

/** Adds where to put options that Open MPI's own message only names, and what keeps a rank from dying. */
function adviceFor(
  said: string,
  status: number | null,
  { ranks, words }: LaunchCommand,
  { implementation, version }: Mpiexec,
): string {
  if (said.includes('detected an attempt to run as root')) {
    return (
      'mpi-futures: Open MPI does not run as root unless you allow it. In a container allow it by ' +
      `mpi-futures -n ${ranks} --allow-run-as-root …, or set OMPI_ALLOW_RUN_AS_ROOT=1 and ` +
      'OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1\n'
    );
  }
  if (said.includes('not enough slots available')) {
    return (
      `mpi-futures: Open MPI starts no more processes than there are cores unless you allow it, by ` +
      `mpi-futures -n ${ranks} --oversubscribe …, or set ${permission(Number.parseInt(version, 10))}\n`
    );
  }
  const isMpich = implementation === 'mpich';
  const rankHasDied = isMpich ? signals.has(status ?? 0) : /exited on\s+signal \d/.test(said);
  if (rankHasDied && !words.includes('--isolate') && process.env.MPI_FUTURES_ISOLATE !== '1') {
    return (
      `mpi-futures: a rank has died, and all end with it. With mpi-futures -n ${ranks} --isolate … tasks run in ` +
      'processes beside the ranks, and the ranks live on whatever ends such a process\n'
    );
  }
  return '';
}
