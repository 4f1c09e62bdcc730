// Runs CMake on CMakeLists.txt, the only description of the build of the addon.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { showProgress } from './build_progress.mjs';
import { ScriptError } from './main.mjs';
import { cleanEnvironment } from './mpi_environment.mjs';
import { root } from './paths.mjs';
import { findProgram } from './programs.mjs';

/** @typedef {Readonly<Record<string, string>>} Settings CMake's variables, as `-D` sets them */

/** @typedef {ReturnType<typeof showProgress>} Progress */

/**
 * @typedef {object} Driver what is given to CMake, and by whom. Addons go to `Release` in the tree.
 * @property {(tree: string, settings: Settings) => string[]} configure program and arguments
 * @property {(tree: string) => string[]} build
 */

/** CMake itself: all that users need. @type {Driver} */
export const cmake = {
  configure: (tree, settings) => [
    ...['cmake', '-S', root, '-B', tree, ...(findProgram('ninja') ? ['-G', 'Ninja'] : [])],
    ...definitions('-D', {
      NODE: process.execPath,
      CMAKE_LIBRARY_OUTPUT_DIRECTORY: path.join(tree, 'Release'),
      ...settings,
    }),
  ],
  build: (tree) => ['cmake', '--build', tree],
};

/**
 * @param {string} option
 * @param {Settings} settings
 */
export function definitions(option, settings) {
  return Object.entries(settings).map(([name, value]) => `${option}${name}=${value}`);
}

export class CMakeFailure extends ScriptError {
  /**
   * @param {string} log all that was said
   * @param {string} file where it is
   */
  constructor(log, file) {
    const lines = `${relevantLines(log)}\n\nThe whole log is in ${file}`;
    super(fullDisk(path.dirname(file), log) ?? `The addon could not be built.\n\n${lines}`);
    this.log = log;
  }
}

/**
 * Configures and builds, with what both say in the log.
 * @param {Driver} driver
 * @param {Settings} settings
 * @param {{ tree: string, log: string, quiet: boolean }} where quiet: without progress on stderr
 */
export async function runCMake(driver, settings, { tree, log, quiet }) {
  try {
    fs.writeFileSync(log, '');
  } catch (error) {
    throw new CMakeFailure(String(error), log);
  }
  await run(driver.configure(tree, settings), log);
  if (!quiet) console.error('Compiling the addon, which may take some minutes:');
  await run(driver.build(tree), log, quiet ? undefined : showProgress());
}

/**
 * @param {string[]} command
 * @param {string} log
 * @param {Progress} [progress]
 */
async function run([program = '', ...args], log, progress) {
  // Unlike Ninja, make compiles one file at a time by default.
  const env = { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...cleanEnvironment() };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      said += text;
      progress?.read(text);
    });
  }
  const [status] = await once(child, 'close');
  progress?.end();
  try {
    fs.appendFileSync(log, said);
  } catch {
    // The disk is full; CMakeFailure reports that.
  }
  if (status !== 0) throw new CMakeFailure(said, log);
}

/**
 * Tools say all kinds of things where the disk is full, and remove what they had written, in the folder or beside it: compilers
 * write to the temporary folder first.
 * @param {string} folder
 * @param {string} log
 */
function fullDisk(folder, log) {
  const folders = [folder, tmpdir()];
  const full = folders.filter((each) => roomIn(each) < 1e6);
  if (full.length === 0 && !/No space left on device|Disk quota exceeded/.test(log))
    return undefined;
  return (
    `The addon could not be built: the disk of ${(full.length > 0 ? full : folders).join(' or of ')} is full. A build takes some 10 MB: ` +
    'make room, or name another folder: mpi-futures build --out DIRECTORY, and TMPDIR for the compiler'
  );
}

/**
 * @param {string} folder
 * @returns {number} bytes
 */
function roomIn(folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}

/**
 * The first error, up to where the build tool speaks again; the end of the log where there is none.
 * @param {string} text
 */
function relevantLines(text) {
  const lines = text.trimEnd().split('\n');
  const first = lines.findIndex((line) => /\berror:|CMake Error|undefined reference/.test(line));
  if (first < 0) return lines.slice(-12).join('\n');
  const rest = lines.slice(first, first + 12);
  const next = rest.findIndex((line) => /^(\[|-- |FAILED:|ninja:|g?make)/.test(line));
  return rest
    .slice(0, next < 0 ? rest.length : next)
    .join('\n')
    .trimEnd();
}
