/**
 * Hands over to the copy of this package that the program imports, which may differ from the command's: a global one,
 * or npx's. All ranks do so alike, so that each process has only one copy.
 */

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { packageRoot } from '../package_files.js';
import { startDirectory } from '../start_directory.js';
import { isArchive, unpack } from './archive.js';
import type { Command, ProgramName } from './command_line.js';

/** The global symbol by which a process notes that it has handed over: it does so only once. */
const key = Symbol.for('mpi-futures.changedOver');
const shared = globalThis as unknown as Record<symbol, true | undefined>;

/**
 * A function that runs the command of the program's own copy, with the same command line. Undefined if that copy is
 * this one, or if there is none.
 */
export async function ownCommand(command: Command): Promise<(() => Promise<unknown>) | undefined> {
  if (command.kind === 'help' || command.kind === 'version') return undefined;
  const root = findCopy(await directoryOf(command));
  const main = root && commandOf(root);
  if (main === undefined) return undefined;
  return () => {
    process.argv[1] = main;
    return import(pathToFileURL(main).href);
  };
}

/** Hands over in the same way under `node --import mpi-futures/run PROGRAM`. Returns false if there is no other copy. */
export async function runOwnCopy(program: string | undefined): Promise<boolean> {
  const root = program === undefined ? undefined : findCopy(dirname(realPath(resolve(program))));
  if (root === undefined) return false;
  await import(pathToFileURL(join(root, 'dist/cli/run.js')).href);
  return true;
}

/** The directory from which the program imports its modules. */
async function directoryOf(command: Command): Promise<string> {
  const program: ProgramName | undefined = 'program' in command ? command.program : undefined;
  if (program === undefined) return startDirectory;
  const { form, name } = program;
  if (form !== 'path') return startDirectory;
  const path = realPath(resolve(startDirectory, name));
  if (isDirectory(path)) return path;
  if (!isArchive(path)) return dirname(path);
  try {
    return await unpack(path);
  } catch {
    return dirname(path); // an error in it is reported when it is run
  }
}

/** The root of the program's copy; undefined if it is this copy. */
function findCopy(directory: string): string | undefined {
  if (shared[key] !== undefined) return undefined;
  try {
    const require = createRequire(join(directory, 'program'));
    const root = dirname(realPath(require.resolve('mpi-futures/package.json')));
    if (root === realPath(packageRoot)) return undefined;
    shared[key] = true;
    return root;
  } catch {
    return undefined; // a program that does not use the package, or has it in a bundle
  }
}

function commandOf(root: string): string | undefined {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin?: Record<string, string>;
  };
  const main = bin?.['mpi-futures'];
  return main === undefined ? undefined : join(root, main);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
