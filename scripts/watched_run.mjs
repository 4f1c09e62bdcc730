// Runs a program with a time limit, after which it is ended with all processes that it has started.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { signalAll, waitUntilGone } from './marked_processes.mjs';

/**
 * @typedef {object} Watched
 * @property {NodeJS.ProcessEnv} env
 * @property {number} deadline - milliseconds until the program must have ended
 * @property {number} [grace] - milliseconds from then on, or from its end, until all that it has started must have
 */

/**
 * @typedef {object} Ended
 * @property {string | number | null} status - or the signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} seconds
 * @property {boolean} isLate - it was told to end, and killed if that was not enough
 * @property {number} left - how many processes were there when the grace was over: they were killed
 */

const MARK = 'MPI_FUTURES_TEST_MARK';

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Watched} watched
 * @returns {Promise<Ended>}
 */
export async function watchedRun(command, args, { env, deadline, grace = 20_000 }) {
  const mark = randomUUID();
  const begun = Date.now();
  const child = spawn(command, args, {
    env: { ...env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  let isLate = false;
  /** @type {NodeJS.Timeout[]} */
  const timers = [];
  timers.push(
    setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM'); // mpiexec then cleans up, if it can
      timers.push(setTimeout(() => child.kill('SIGKILL'), grace));
    }, deadline),
  );
  const closed = new Promise((resolve) => child.once('close', resolve));
  /** @type {string | number | null} */
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(signal ?? code);
    });
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
  });
  const seconds = (Date.now() - begun) / 1000;
  const left = await waitUntilGone(`${MARK}=${mark}`, grace);
  signalAll(left, 'SIGKILL');
  await closed;
  return { status, stdout, stderr, seconds, isLate, left: left.length };
}
