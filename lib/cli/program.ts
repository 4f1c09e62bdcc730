/** Gets from the command line to a running program: under mpiexec, or by starting mpiexec. */

import { realpathSync, statSync } from 'node:fs';

import { describeThrown } from '../describe_thrown.js';
import { MPIUnavailableError, UsageError } from '../errors.js';
import { launcher } from '../addon/launcher.js';
import { isArchive, unpack } from './archive.js';
import type { LaunchCommand, ProgramCommand, ProgramName } from './command_line.js';
import { findProgram } from './find_program.js';
import { endRanks, startRanks } from './ranks.js';
import { runFile, runText } from './run_program.js';
import { handedInput } from './launch_handover.js';
import { startMpiexec } from './start_mpiexec.js';
import { usageError } from './usage.js';

/** Milliseconds that a worker leaves rank 0 to report an error before it does so itself. */
const othersWait = 2500;

/**
 * Prepares this rank. On rank 0, resolves to a function that runs the program; on the others, serves it and never
 * resolves.
 *
 * @throws {UsageError} for errors that all ranks find alike
 */
export async function prepareProgram(command: ProgramCommand): Promise<(() => void) | undefined> {
  const { program, args, variables } = command;
  Object.assign(process.env, variables);
  if (launcher.size === 0) {
    // A program that cannot be found here cannot be found under mpiexec either.
    if (isFile(program)) await findProgram(program);
    const words = { path: program.name, module: `-m ${program.name}`, code: '-c …', input: '-' };
    const rest = `mpi-futures ${words[program.form]}`;
    throw new UsageError(
      `mpiexec must start this command: mpiexec -n N ${rest}; or use mpi-futures -n N${rest.slice('mpi-futures'.length)}, which starts mpiexec itself`,
    );
  }
  if (launcher.rank > 0) {
    void unpackForWorker(program);
    await startRanks();
  }
  // Workers learn the main module as soon as they are connected, so it must be known when MPI starts.
  try {
    return await prepareMaster(program, args);
  } catch (error) {
    if (error instanceof UsageError) usageError(error);
    else process.stderr.write(`mpi-futures: ${describeThrown(error)}\n`);
    // Perhaps only this rank has found the error. The others are in MPI by now and end when they are told to: if this
    // rank just ended, they would wait for it for ever.
    await startRanks();
    await endRanks(1);
    return undefined;
  }
}

async function prepareMaster(
  { form, name }: ProgramName,
  args: readonly string[],
): Promise<() => void> {
  const [node = ''] = process.argv;
  const becomes = (...argv: readonly string[]): void => {
    process.argv.splice(0, Infinity, node, ...argv);
  };
  switch (form) {
    case 'code':
      becomes(...args);
      setText(name);
      await startRanks();
      return () => runText(name, '[eval]');
    case 'input': {
      becomes('-', ...args);
      setText('');
      await startRanks();
      const text = handedInput() ?? (await readInput());
      if (text === '')
        process.stderr.write('mpi-futures: there was no program to run on standard input\n');
      setText(text);
      return () => runText(text, '[stdin]');
    }
    default: {
      const path = await findProgram({ form, name });
      becomes(path, ...args);
      await startRanks();
      return () => runFile(path);
    }
  }
}

/** False for the text of a program. */
function isFile({ form }: ProgramName): boolean {
  return form === 'path' || form === 'module';
}

/** Sets the program's text as Node.js does, so that other code sees that the program is no file. */
function setText(text: string): void {
  (process as { _eval?: string })._eval = text;
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string;
  return text;
}

/**
 * Unpacks an archive on a worker, which imports the program's modules from there. If no rank can unpack it, rank 0
 * reports that.
 */
async function unpackForWorker({ form, name }: ProgramName): Promise<void> {
  if (form !== 'path' || !isArchive(name)) return;
  try {
    const path = realpathSync(name);
    if (statSync(path).isFile()) await unpack(path);
  } catch (error) {
    setTimeout(() => {
      process.stderr.write(`mpi-futures: ${(error as Error).message}\n`);
    }, othersWait).unref();
  }
}

/**
 * Starts mpiexec, and with it the program; resolves when both have ended.
 *
 * @throws {UsageError}
 */
export async function launchProgram(command: LaunchCommand): Promise<void> {
  if (launcher.size > 0)
    throw new UsageError(
      'mpiexec has already started this process: leave out -n N, which would start another one',
    );
  const { program, options } = command;
  // An error of the program is reported before mpiexec prints its own messages, unless other hosts may have the
  // program.
  const isOnThisHost = !options.some((option) =>
    /^--?(H|f|\w*hosts?|\w*hostfile|machine\w*)(=|$)/.test(option),
  );
  if (isOnThisHost && isFile(program)) await findProgram(program);
  try {
    process.exitCode = await startMpiexec(command);
  } catch (error) {
    if (!(error instanceof MPIUnavailableError)) throw error;
    process.stderr.write(`mpi-futures: ${error.message}\n`);
    process.exitCode = 1;
  }
}
