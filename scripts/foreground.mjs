import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/** How long a program may take to end after a signal. */
const GRACE = 5000;

/**
 * Runs a program with this process's output as its own, and ends with it: its exit status is the
 * result, and a signal that arrives here reaches it and everything it has started.
 *
 * It leads a process group of its own. In ours, Ctrl-C would reach it once from the terminal and
 * again each time npm passes it on, and a second one makes mpiexec leave without its ranks.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} 128 plus the signal's number where a signal ended it, as in a shell
 */
export async function runInForeground(program, args, env) {
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let ending = false;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    if (ending) return;
    ending = true;
    signalGroup(child, signal);
    setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);

  const [status, signal] = await once(child, 'exit');
  return status ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
}

/**
 * @param {import('node:child_process').ChildProcess} leader
 * @param {NodeJS.Signals} signal
 */
function signalGroup(leader, signal) {
  if (leader.pid === undefined) return;
  try {
    process.kill(-leader.pid, signal);
  } catch {
    // The group is empty.
  }
}
