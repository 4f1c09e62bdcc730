import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { ScriptError } from './main.mjs';

/**
 * The first program of this name on PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((directory) => path.resolve(directory, name))
    .find(isExecutable);
}

/**
 * Runs a program without a terminal and without input, so that it cannot ask anything.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ ok: boolean, output: string }} output: its stdout, followed by its stderr
 */
export function capture(program, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  return { ok: status === 0, output: error ? error.message : stdout + stderr };
}

/**
 * Runs a program as `capture` does, and takes a failure for ours.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function runOrThrow(program, args, env) {
  const { ok, output } = capture(program, args, env);
  if (ok) return;
  const command = [path.basename(program), ...args].join(' ');
  throw new ScriptError(`${command} failed.\n\n${excerpt(output)}`);
}

/**
 * Tools name the cause first or last, and what is between is long.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trim().split('\n');
  return lines.length <= 20
    ? lines.join('\n')
    : [...lines.slice(0, 10), '...', ...lines.slice(-10)].join('\n');
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
