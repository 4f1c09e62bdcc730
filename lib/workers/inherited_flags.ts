/**
 * The flags of this process that its workers need, too. Flags that name the program, or open a debugger, are left out.
 */

import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startDirectory } from '../start_directory.js';

const flagsOfThisProgram =
  /^(--eval|--print|--input-type|--inspect\S*|--check|--interactive|--test\S*|--watch\S*)(=|$)/;
const shortFlagsOfThisProgram = new Set(['-e', '-p', '-pe', '-c', '-i']);

/** Flags whose value, a module, may be the next argument. */
const preloadFlags = new Set(['--import', '--require', '-r']);

/** The end of the path of `mpi-futures/run`, which starts a program. */
const runFile = join('dist', 'cli', 'run.js');

/** The Node.js flags in `given` that workers inherit: all except those for this process alone. */
export function inheritedFlags(given: readonly string[] = process.execArgv): string[] {
  const flags: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const flag = given[at] ?? '';
    const takesNext = ['-e', '-p', '-pe', '--eval', '--print', '--input-type'].includes(flag);
    const next = given[at + 1];
    const register = registerOfTsNode(flag);
    if (register !== undefined) {
      // The arguments after it are options of its command.
      const isFast = given.slice(at + 1).some((option) => /^(-T|--transpile-?only)$/i.test(option));
      return [...flags, '--require', isFast ? join(register, 'transpile-only') : register];
    }
    if (preloadFlags.has(flag) && next !== undefined) {
      at++;
      if (!startsProgram(next)) flags.push(flag, next);
    } else if (flagsOfThisProgram.test(flag) || shortFlagsOfThisProgram.has(flag))
      at += takesNext ? 1 : 0;
    else if (!startsProgram(/^--(?:import|require)=(.*)$/s.exec(flag)?.[1])) flags.push(flag);
  }
  return flags;
}

/**
 * The preload that registers ts-node. The command `ts-node` adds itself to the flags, to be run again; its registration
 * can be preloaded, also in threads.
 */
function registerOfTsNode(word: string): string | undefined {
  const [, folder, variant] = /^(.*[/\\]ts-node)[/\\]dist[/\\]bin(-\w+)?\.js$/.exec(word) ?? [];
  if (folder === undefined) return undefined;
  return join(folder, 'register', variant === '-transpile' ? 'transpile-only' : '');
}

/** True for a preload that is the `mpi-futures/run` of any copy of this package. */
function startsProgram(preload: string | undefined): boolean {
  if (preload === undefined) return false;
  try {
    const file = realpathSync(fileOf(preload));
    if (!file.endsWith(sep + runFile)) return false;
    const manifest = readFileSync(join(dirname(file), '../../package.json'), 'utf8');
    return (JSON.parse(manifest) as { name?: unknown }).name === 'mpi-futures';
  } catch {
    return false;
  }
}

/** The file of a preload, resolved as Node.js does at the start of a program. */
function fileOf(preload: string): string {
  if (preload.startsWith('file:')) return fileURLToPath(preload);
  if (/^\.{0,2}\//.test(preload)) return resolve(startDirectory, preload);
  return createRequire(join(startDirectory, 'program')).resolve(preload);
}
