/** Runs a child process that may hang, crash, or print too much. */

import { spawn, type StdioOptions } from 'node:child_process';

/** A child process that has ended, with everything that it printed. */
export interface ChildResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True if the process was killed because it did not end in time. */
  readonly late: boolean;
}

/** The limits of a child process, and the environment that it gets. */
export interface ChildOptions {
  /** Milliseconds until the process is ended. */
  readonly deadline: number;
  readonly env?: NodeJS.ProcessEnv;
  /** A file descriptor that the child gets under the same number. */
  readonly passing?: number | undefined;
}

/** Milliseconds to wait after SIGTERM. An mpiexec that gets SIGTERM ends its processes first. */
const grace = 2000;
const longestText = 1 << 18;

/**
 * Runs a command until it ends. Never rejects: a command that cannot be started has status null and the reason in
 * stderr.
 */
export function runChild(
  command: string,
  args: readonly string[],
  { deadline, env = process.env, passing }: ChildOptions,
): Promise<ChildResult> {
  const child = spawn(command, args, { env, stdio: stdioWith(passing) });
  let stdout = '';
  let stderr = '';
  let late = false;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < longestText) stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < longestText) stderr += text;
  });
  return new Promise((resolve) => {
    let timer = setTimeout(() => {
      late = true;
      child.kill('SIGTERM');
      timer = setTimeout(() => {
        child.kill('SIGKILL');
        timer = setTimeout(settle, grace, null, 'SIGKILL');
      }, grace);
    }, deadline);

    function settle(status: number | null, signal: NodeJS.Signals | null): void {
      clearTimeout(timer);
      // Grandchildren may keep the pipes open.
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      resolve({ stdout, stderr, status, signal, late });
    }

    child.once('error', (error) => {
      stderr += error.message;
      settle(null, null);
    });
    child.once('close', settle);
    child.once('exit', (status, signal) => {
      clearTimeout(timer);
      timer = setTimeout(settle, grace, status, signal);
    });
  });
}

function stdioWith(passing: number | undefined): StdioOptions {
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe'];
  if (passing === undefined || !(passing > 2)) return stdio;
  while (stdio.length < passing) stdio.push('ignore');
  return [...stdio, passing];
}

/** An environment in which a child does not take itself for the rank of this process. */
export function withoutLauncher(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isRank = ['OMPI_COMM_WORLD_RANK', 'PMIX_RANK', 'PMI_RANK'].some(
    (name) => environment[name],
  );
  if (!isRank) return environment;
  const ofLauncher = /^(OMPI|PMIX|PMI|PRTE|ORTE|HYDI)_|^MPI_LOCAL/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ofLauncher.test(name)));
}
