/** Finds the file of the program: from a path, as `node PATH` does, or from the name of a module. */

import { existsSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { attempt } from '../attempt.js';
import { closestName } from '../closest_name.js';
import { UsageError } from '../errors.js';
import { startDirectory } from '../start_directory.js';
import { isArchive, unpack } from './archive.js';
import { resolveAsImport } from './module_redirect.js';
import type { ProgramName } from './command_line.js';

/** Further names of a directory's index file, which only this package looks for, and only in that directory. */
const furtherIndexes = ['mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `index.${extension}`);

/**
 * The path for process.argv[1]. An archive is unpacked first.
 *
 * @throws {UsageError} where there is no such program
 */
export async function findProgram({ form, name }: ProgramName): Promise<string> {
  try {
    return form === 'module' ? findModule(name) : await findPath(name);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(`Cannot read ${name}: ${error.message}`, { cause: error });
  }
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

async function findPath(name: string): Promise<string> {
  const path = resolve(name);
  if (isDirectory(path)) return findInDirectory(path, name);
  const file = resolveAsNode(path);
  if (file === undefined) throw notThere(name);
  if (isArchive(file)) return findInDirectory(await unpack(file), name);
  refuseTypeScript(file);
  return path;
}

/** The subcommands of mpi-futures, by names that people try for them. */
const commands: Readonly<Record<string, string>> = {
  build: 'build',
  doctor: 'doctor',
  help: '--help',
  report: 'report',
  version: '--version',
};

function notThere(name: string): UsageError {
  const meant = /^\w+$/.test(name) ? closestName(name, Object.keys(commands)) : undefined;
  if (meant === undefined) return new UsageError(`Path does not exist: ${name}`);
  return new UsageError(
    `Path does not exist: ${name}. Did you mean mpi-futures ${commands[meant] ?? meant}?`,
  );
}

function findInDirectory(path: string, name: string): string {
  const file = resolveAsNode(path);
  if (file !== undefined) {
    refuseTypeScript(file);
    return path;
  }
  const index = furtherIndexes.map((index) => join(path, index)).find(existsSync);
  if (index === undefined) {
    throw new UsageError(
      `There is no program in ${name}: expected a package.json whose "main" is there, or index.js, .mjs, .cjs or .ts`,
    );
  }
  refuseTypeScript(index);
  return index;
}

/**
 * Finds a module as `import` does from the working directory; failing that as `require` does, so that extensions may be
 * omitted; failing that as a path without `./`.
 */
function findModule(name: string): string {
  if (isBuiltin(name)) throw new UsageError(`${name} is part of Node.js, not a program`);
  let reason: unknown;
  const ways = [
    () => fileURLToPath(resolveAsImport(name)),
    () => requireHere().resolve(name),
    () => requireHere().resolve(`./${name}`),
  ];
  for (const way of ways) {
    try {
      const file = way();
      if (!statSync(file).isFile()) continue;
      refuseTypeScript(file);
      return file;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      reason ??= error;
    }
  }
  const [why = ''] = (reason as Error).message.split('\n');
  throw new UsageError(`Cannot find the module ${name}: ${why}`);
}

function resolveAsNode(path: string): string | undefined {
  return attempt(() => requireHere().resolve(path));
}

function requireHere(): NodeJS.Require {
  return createRequire(join(startDirectory, 'program'));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Rejects a TypeScript file where Node.js does not run it and no loader for it was imported. */
function refuseTypeScript(file: string): void {
  if (!['.ts', '.mts', '.cts'].includes(extname(file))) return;
  const { typescript } = process.features as { typescript?: unknown };
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  const isRun = typescript !== undefined && typescript !== false;
  if (
    isRun ||
    /--(import|require|(experimental-)?loader|experimental-\w+-types)\b|-r\b/.test(flags)
  )
    return;
  throw new UsageError(
    `Node.js ${process.versions.node} does not run TypeScript (${file}): use Node.js 22.18 or newer, ` +
      'or a loader: node --import tsx node_modules/.bin/mpi-futures FILE',
  );
}
