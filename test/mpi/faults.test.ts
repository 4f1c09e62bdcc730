import { BatchWriter, resultFlags } from '../../lib/tasks/batches.js';
import { encodeMessage, MessageKind } from '../../lib/tasks/messages.js';
import { hasCrashed } from '../../scripts/crashes.mjs';
import { nativeCompiler } from '../support/compiled.js';
import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramResult } from '../support/program.js';
import { describeUnless, unlessLinux } from '../support/unless.js';

// LD_PRELOAD exists on Linux.
describeUnless(unlessLinux)(
  'a call of MPI that fails, and memory that is not there, are an error, or do no harm',
  () => {
    const compile = nativeCompiler();

    const isAtEnd = /^ *MPI_(Comm_disconnect|Finalize) /;
    const isOfPackets = /^(MPI_Isend|MPI_Imrecv|MPI_Improbe|MPI_Testsome|any-source|garbage) /;

    /** Ends in time, the fault has come, and what was printed is all there. */
    async function runWith(
      mpi: Mpi,
      fault: string,
      program: string,
      ranks: number,
      packet?: Buffer,
      args: string[] = [],
    ) {
      const launched = ranks === 3 ? LAUNCHER : programFile(program);
      const result = await runProgram({
        mpi,
        ranks,
        program: launched,
        args: ranks === 3 ? [programFile(program), ...args] : args,
        env: {
          LD_PRELOAD: compile('guard.c', mpi),
          MPI_FUTURES_TEST_FAULT: fault,
          MPI_FUTURES_MAX_WORKERS: '2',
          MPI_FUTURES_TEST_PACKET: packet?.toString('hex'),
          // Faults of packets can only be made where packets go by MPI.
          ...(isOfPackets.test(fault) && { MPI_FUTURES_SHARED_MEMORY: '0' }),
        },
        ...(mpi === 'openmpi' &&
          isAtEnd.test([fault, ...args].join(' ')) && { mpiexecMayHang: true }),
      });
      expect(result.stderr).toMatch(`guard: fault of ${fault.split(' ')[0]!}`);
      expect(hasCrashed(result.stderr + result.stdout)).toBe(false);
      return result;
    }

    // MPICH's mpiexec may print more lines about how a rank ended.
    const outcomes = ({ stdout }: ProgramResult) => {
      const printed = /^\{.*\}$/m;
      expect(stdout).toMatch(printed);
      return JSON.parse(printed.exec(stdout)![0]) as Record<string, number>;
    };

    describeOn('openmpi', 'openmpi spawned', () => {
      // The workers wait in MPI_Comm_disconnect for ever.
      test('MPI_Comm_disconnect 1 0: all end, and it is told', async () => {
        const result = await runWith('openmpi', 'MPI_Comm_disconnect 1 0', 'one_task.mjs', 1);
        expect(result.status).not.toBe(0);
        expect(result.stderr).toMatch(/^MPIError.*: MPI_Comm_disconnect: /m);
      });

      // The tests allow mpiexec more processes than there are cores.
      test('MPI_Comm_spawn 1 0: it is told, and slots are not blamed', async () => {
        const result = await runWith('openmpi', 'MPI_Comm_spawn 1 0', 'one_task.mjs', 1);
        expect(result.status).not.toBe(0);
        expect(result.stderr).toMatch(/SpawnError: .*: MPI_Comm_spawn: /);
        expect(result.stderr).not.toMatch(/free slots/);
      });

      // The same where native code ends a process: in the process of the task, and in that of its pool.
      test.each(['task', 'pool'])(
        'MPI_Comm_disconnect at the end of a pool of a task, there in the %s: all end, and it is told',
        async (where) => {
          const fault = 'MPI_Comm_disconnect 1+ 1000';
          const args = [fault, where];
          const result = await runWith('openmpi', '', 'nested_left_open.mjs', 1, undefined, args);
          expect(result.status).not.toBe(0);
          expect(result.stderr).toMatch(
            /^mpi-futures: this process ends, .*: MPI_Comm_disconnect: MPI_ERR_INTERN/m,
          );
        },
      );
    });

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
              expect(error).toMatch(/^WorkerLostError ERR_WORKER_LOST: ERR_MPI \d+ /);
          },
        );

        // The last one fails for good, but MPI_Improbe still works for each single rank.
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

        // While MPI starts. Later, the consequence may also be the loss of one worker.
        test.each(['new 1 0', 'new 3 0', 'new 3 1'])(
          '%s: all end, and it is told',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            expect(result.status).not.toBe(0);
            expect(result.stderr).toMatch(/there is no memory left|MPIError: operator new/);
          },
        );

        // Sent in front of the fifth packet of worker 1. Only the sender is lost. packets.mjs has more packets.
        test.each([
          ['of no kind', header({ kind: 10 }), /\(kind 10, /],
          [
            'whose message is cut off',
            message([MessageKind.started]),
            /invalid message: Offset is outside/,
          ],
          [
            'whose message is damaged',
            message(Array<number>(300).fill(1)),
            /invalid message: .* damaged: /,
          ],
          [
            'with a message of no kind',
            message([255]),
            /invalid message: it has sent a message of kind 255/,
          ],
          ['with a second hello', message(encodeMessage(MessageKind.hello, {})), /hello twice/],
          ['with an unasked leave', message([MessageKind.released]), /it has left unasked/],
          [
            'with the answer to a task of nobody',
            answer(2 ** 40),
            /not have the task 1099511627776/,
          ],
        ] as [string, Buffer, RegExp][])(
          'a packet %s: the loss of its sender',
          async (_, packet, why) => {
            const result = await runWith(mpi, 'garbage 5 1', 'mpi_faults.mjs', 3, packet);
            const { done, ...failed } = outcomes(result);
            expect(done).toBeGreaterThan(40);
            const errors = Object.keys(failed);
            expect(errors).toHaveLength(1);
            expect(errors[0]).toMatch(/^WorkerLostError ERR_WORKER_LOST: /);
            expect(errors[0]).toMatch(why);
          },
        );

        // The addon reads the addresses in it.
        test('a hello with a damaged address: the loss of its sender, which is told', async () => {
          const packet = message(encodeMessage(MessageKind.hello, damagedHello));
          const result = await runWith(mpi, 'garbage 1 1', 'mpi_faults.mjs', 3, packet);
          expect(result.stdout + result.stderr).toMatch(
            /it has sent an invalid message: an address of shared memory is damaged/,
          );
        });

        test('a welcome with a damaged address: the end of its receiver, which is told', async () => {
          const packet = message(encodeMessage(MessageKind.welcome, damagedHello));
          const result = await runWith(mpi, 'garbage 1 0', 'mpi_faults.mjs', 3, packet);
          expect(result.stderr).toMatch(
            /a worker cannot go on:\nTypeError: an address of shared memory is damaged/,
          );
        });

        // A worker that cannot trust its master ends.
        test('a packet of the master that is of no kind: the loss of its receiver', async () => {
          const packet = header({ kind: 10 });
          const result = await runWith(mpi, 'garbage 5 0', 'mpi_faults.mjs', 3, packet);
          expect(result.stderr).toMatch(
            /a worker ends because it has lost its master: it has sent a message .* \(kind 10, /,
          );
        });

        // The status is the program's, or that of the launcher, which does not know the reason.
        test.each(['MPI_Finalize 1 0', 'MPI_Finalize 1 1'])(
          '%s: the program has done its work, and it is told',
          async (fault) => {
            const result = await runWith(mpi, fault, 'mpi_faults.mjs', 3);
            expect(outcomes(result)).toEqual({ done: 88 });
            expect(result.stderr).toMatch(
              /^mpi-futures: MPI was not finalized, .*: MPI_Finalize: \w/m,
            );
          },
        );

        // The first is the packet of a message whose contents would follow.
        test.each(['MPI_Isend 1 0', 'MPI_Imrecv 4 0', 'MPI_Iallreduce 2 0'])(
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

const damagedHello = { host: 'here', pid: 1, doorbell: ['', [1, -1, 'x'], 0n], rings: -1 };

/** As in native/channel/channel.cc. */
function header({ kind = 0 }): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(kind);
  return bytes;
}

function message(payload: Uint8Array | number[]): Buffer {
  return Buffer.concat([header({}), Buffer.from(payload)]);
}

function answer(task: number): Buffer {
  const results = new BatchWriter(MessageKind.results, true);
  results.add(0, task, 0, resultFlags.value, '1', 0.001);
  let payload = Buffer.alloc(0);
  results.finish((bytes, length) => (payload = Buffer.from(bytes.subarray(0, length))));
  return message(payload);
}
