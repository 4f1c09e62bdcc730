import { freemem } from 'node:os';
import { testChecks } from '../support/checks.js';
import { describeOn, describeOnEachMpi, layouts, programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';
import { skipped } from '../support/unless.js';

// For the value on the master, its copy on a worker, and the rest of the machine.
const needed = 14 * 2 ** 30;
const [spawned, , mpich] = layouts;

if (freemem() < needed) {
  const reason = `needs 14 GiB of free memory, of which ${(freemem() / 2 ** 30).toFixed(1)} are there`;
  skipped('5 GiB in one argument', reason);
} else {
  describeOnEachMpi(
    '5 GiB in one argument',
    ({ run }) => testChecks('huge.mjs', (options) => run('huge.mjs', options)),
    [spawned!, mpich!],
  );
  describeOn('mpich', '2 GiB in one operation of a communicator', () => {
    const program = 'huge_messages.mjs';
    testChecks(program, (options) =>
      runProgram({ ...options, mpi: 'mpich', ranks: 2, program: programFile(program) }),
    );
  });
}
