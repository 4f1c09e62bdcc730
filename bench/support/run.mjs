import { spawnSync } from 'node:child_process';

const DEADLINE = 120_000;

/** Runs a command to its end. Ranks end with their mpiexec, so that after the deadline nothing is left either. */
export function run(command, args, env) {
  const start = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE,
    killSignal: 'SIGKILL',
  });
  const milliseconds = performance.now() - start;
  if (status === 0) return { milliseconds, stdout };
  const end = error?.message ?? (signal ? `signal ${signal}` : `status ${status}`);
  throw new Error(`${[command, ...args].join(' ')}: ${end}\n${stdout}${stderr}`);
}
