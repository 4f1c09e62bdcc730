/**
 * Watches the stdout of this command where it runs no program. If it cannot be written, one sentence says so and the status is 1. A
 * reader that has seen enough, such as `head`, is no error.
 */
export function watchOwnOutput(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.once('exit', () => {
      process.exitCode = 1;
    });
    process.stderr.write(`mpi-futures: the output cannot be written: ${message}\n`);
  });
}
