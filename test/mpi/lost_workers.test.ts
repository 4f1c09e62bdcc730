import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expectChecks, testChecks } from '../support/checks.js';
import {
  describeOn,
  describeOnOpenMpi4,
  LAUNCHER,
  layouts,
  programFile,
} from '../support/layouts.js';
import { expectStatus, runProgram, type ProgramOptions } from '../support/program.js';

const recovery = { OMPI_MCA_orte_enable_recovery: '1' };
/** Seconds until a spawn that hangs is tried again: far longer than one takes on a busy machine. */
const patience = { OMPI_MCA_pmix_base_exchange_timeout: '60' };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The checks of both programs on a layout of Open MPI whose workers are spawned, and so replaced. */
function testReplaced(
  name: string,
  layoutName: string,
  options: Omit<ProgramOptions, 'mpi' | 'ranks' | 'program'>,
): void {
  const layout = layouts.find((candidate) => candidate.name === layoutName)!;
  describe.each(['lost_workers.mjs', 'replaced_workers.mjs'])('%s', (program) => {
    describeOnOpenMpi4(name, () => {
      testChecks(program, ({ deadline }) => {
        const args = [folder, ...(options.args ?? [])];
        const env = { ...patience, ...options.env };
        return layout.run(program, { ...options, env, args, deadline });
      });
    });
  });
}

testReplaced('spawned, mpiexec has the variable', 'openmpi spawned', { env: recovery });
testReplaced('spawned, mpiexec --enable-recovery', 'openmpi spawned', {
  mpiexecArgs: ['--enable-recovery'],
});
testReplaced('singleton with the variable', 'openmpi singleton', { env: recovery });
testReplaced('singleton with restart: true', 'openmpi singleton', { args: ['asked'] });

describeOnOpenMpi4('replaced: singleton with restart: true', () => {
  const layout = layouts.find(({ name }) => name === 'openmpi singleton')!;
  testChecks('slow_replacement.mjs', (options) =>
    layout.run('slow_replacement.mjs', { ...options, args: [folder] }),
  );
});

describeOnOpenMpi4('lost while others wait for it: spawned, mpiexec --enable-recovery', () => {
  const layout = layouts.find(({ name }) => name === 'openmpi spawned')!;
  testChecks('lost_together.mjs', (options) => {
    const mpiexecArgs = ['--enable-recovery'];
    return layout.run('lost_together.mjs', { ...options, mpiexecArgs, env: patience });
  });
});

describeOnOpenMpi4('lost while others wait for it: static, mpiexec --enable-recovery', () => {
  testChecks('lost_together.mjs', ({ deadline }) =>
    runProgram({
      ranks: 4,
      program: LAUNCHER,
      mpi: 'openmpi',
      mpiexecArgs: ['--enable-recovery'],
      args: [programFile('lost_together.mjs')],
      deadline,
    }),
  );
});

const program = 'lost_workers.mjs';
const fourWorkers = { ranks: 5, program: LAUNCHER };

describeOnOpenMpi4('lost workers: static, mpiexec --enable-recovery', () => {
  testChecks(program, ({ deadline }) =>
    runProgram({
      ...fourWorkers,
      mpi: 'openmpi',
      mpiexecArgs: ['--enable-recovery'],
      args: [programFile(program), folder],
      deadline,
    }),
  );
});

/** Ends rank 2 before it has come to anything. */
const ending = `
  const { OMPI_COMM_WORLD_RANK, PMI_RANK } = process.env;
  if ((OMPI_COMM_WORLD_RANK ?? PMI_RANK) === '2') process.reallyExit(0);`;
const withoutRank2 = `data:text/javascript,${encodeURIComponent(ending)}`;

describe.each([
  ['openmpi', '--enable-recovery'],
  ['mpich', '-disable-auto-cleanup'],
] as const)('a rank that has ended before MPI started: %s %s', (mpi, option) => {
  test('the others say so, and end', async () => {
    const { stdout, stderr } = await runProgram({
      mpi,
      mpiexecArgs: [option],
      ranks: 3,
      nodeArgs: ['--import', withoutRank2],
      program: LAUNCHER,
      args: [programFile(program), folder],
      env: { MPI_FUTURES_BOOT_TIMEOUT: '5000' },
    });
    expect(stdout).not.toMatch('check'); // hydra prints a message there
    const words =
      'mpi-futures: Expected the 3 processes of this job to have started MPI within 5000 ms';
    expect(stderr.split(words)).toHaveLength(2);
  });
});

const withoutAddon = `
  const { OMPI_COMM_WORLD_RANK, PMI_RANK } = process.env;
  if ((OMPI_COMM_WORLD_RANK ?? PMI_RANK) === '2') process.env.MPI_FUTURES_ADDON = '/not/there.node';`;

describe.each(['openmpi', 'mpich'] as const)('a rank that has no addon: %s', (mpi) => {
  test('says so, and ends the others', async () => {
    const { status, stdout, stderr } = await runProgram({
      mpi,
      ranks: 3,
      nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(withoutAddon)}`],
      program: LAUNCHER,
      args: [programFile(program), folder],
      // The launcher would end the others, too.
      env: { MPI_FUTURES_BOOT_TIMEOUT: '600000' },
    });
    expect(status).toBe(1);
    expect(stdout).not.toMatch('check');
    expect(stderr).toMatch(
      "mpi-futures: Expected the path of an addon for MPI_FUTURES_ADDON but received '/not/there.node'",
    );
  });
});

describeOn('mpich', 'lost workers: static, mpiexec -disable-auto-cleanup', () => {
  test('the pool goes on with those that are left when one has exited', async () => {
    const { stdout, stderr } = await runProgram({
      ...fourWorkers,
      mpi: 'mpich',
      mpiexecArgs: ['-disable-auto-cleanup'],
      args: [programFile(program), folder, 'exits'],
    });
    expectChecks(stdout, program);
    expect(stderr).not.toMatch('Debugger listening');
  });
});

/** How the program is started, with as many workers as it loses. */
const launches: Record<string, Partial<ProgramOptions>> = {
  'without mpiexec': { mpi: null },
  'spawned, mpiexec --enable-recovery': { mpiexecArgs: ['--enable-recovery'] },
  'static, mpiexec --enable-recovery': { mpiexecArgs: ['--enable-recovery'], ranks: 5 },
};

describeOnOpenMpi4('a lost worker says why', () => {
  test.each(Object.entries(launches))('%s', async (_, launch) => {
    const file = programFile('end_reasons.mjs');
    const isStatic = launch.ranks !== undefined;
    const result = await runProgram({
      mpi: 'openmpi',
      nodeArgs: ['--max-old-space-size=50'],
      program: isStatic ? LAUNCHER : file,
      args: isStatic ? [file] : [],
      env: { ...patience, MPI_FUTURES_MPI: 'openmpi' },
      ...launch,
    });
    expectStatus(result, 0);
    expectChecks(result.stdout, 'end_reasons.mjs');
    const { stdout, stderr } = result;
    expect(stderr.match(/^FATAL ERROR: .*out of memory/gm)).toHaveLength(1);
    expect(stderr).toMatch('about to crash');
    expect(stderr).toMatch(/^written to stderr itself\r?$/m);
    expect(stdout).toMatch(/^not an error\r?$/m);
    // In this order; mpiexec may print a line of the program in between.
    expect(stdout).toMatch(/^written to stdout itself\r?$[^]*^printed by a child process\r?$/m);
  });
});
