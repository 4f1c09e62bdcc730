import { nativeCompiler } from '../support/compiled.js';
import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramResult } from '../support/program.js';

// LD_PRELOAD is Linux's.
const describeHere = process.platform === 'linux' ? describe : describe.skip;

describeHere(
  'a call of MPI that fails, and memory that is not there, are an error, or do no harm',
  () => {
    const compile = nativeCompiler();

    /** Ends in time, the fault has come, and what was printed is all there. */
    async function runWith(mpi: Mpi, fault: string, program: string, ranks: number) {
      const launched = ranks === 3 ? LAUNCHER : programFile(program);
      const result = await runProgram({
        mpi,
        ranks,
        program: launched,
        args: ranks === 3 ? [programFile(program)] : [],
        env: { LD_PRELOAD: compile('guard.c', mpi), MPI_FUTURES_TEST_FAULT: fault },
      });
      expect(result.stderr).toMatch(`guard: fault of ${fault.split(' ')[0]!}`);
      expect(result.stderr).not.toMatch(/terminate called|Segmentation/);
      return result;
    }

    const outcomes = ({ stdout }: ProgramResult) => JSON.parse(stdout) as Record<string, number>;

    for (const mpi of ['openmpi', 'mpich'] as const) {
      describeOn(mpi, mpi, () => {
        // The master goes on with the other worker.
        test.each(['MPI_Isend 4 0', 'MPI_Imrecv 6 0', 'memory 3 0'])(
          '%s: the loss of one worker',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            const { done, ...failed } = outcomes(result);
            expect(done).toBeGreaterThan(40);
            expect(failed).not.toEqual({});
            for (const error of Object.keys(failed))
              expect(error).toMatch(/^WorkerLostError ERR_WORKER_LOST: ERR_MPI \d+$/);
          },
        );

        // The last: for good, but each rank can be asked for itself.
        test.each(['MPI_Improbe 30 0', 'MPI_Testsome 3 0', 'any-source 5+ 0'])(
          '%s: it has passed',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            expect(outcomes(result)).toEqual({ done: 88 });
          },
        );

        test.each(['MPI_Init_thread 1 0', 'MPI_Init_thread 1 1'])(
          '%s: all end, and it is told',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            expectStatus(result, 1);
            expect(result.stderr).toMatch('MPIError: MPI_Init_thread: ');
          },
        );

        // While MPI starts; later it may also be the loss of one worker.
        test.each(['new 1 0', 'new 3 0', 'new 3 1'])(
          '%s: all end, and it is told',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            expect(result.status).not.toBe(0);
            expect(result.stderr).toMatch(/there is no memory left|MPIError: operator new/);
          },
        );

        test.each(['MPI_Imrecv 4 0', 'MPI_Iallreduce 2 0'])(
          '%s: an error of the operation',
          async (fault) => {
            const { stdout } = await runWith(mpi, fault, 'communicator_faults.mjs', 2);
            expect(stdout).toMatch(new RegExp(`MPIError ERR_MPI ${fault.split(' ')[0]!} \\d+`));
          },
        );
      });
    }
  },
);
