import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import {
  describeOn,
  describeOnEachMpi,
  layouts,
  programFile,
  WORKERS,
  type Layout,
} from '../support/layouts.js';
import { roleOf } from '../support/process_tree.js';
import {
  expectEndedByDeath,
  expectStatus,
  killVictim,
  runProgram,
  type ProgramResult,
} from '../support/program.js';
import type { RunningProgram } from '../support/run.js';
import { describeUnless, testUnless, unlessLinux } from '../support/unless.js';

const spawningLayouts = layouts.filter(({ spawns }) => spawns);

// runProgram checks after every run that no process is left behind. Files may be left behind: Open MPI removes its files in shared
// memory, and its session directories, at its end, but not if mpiexec is killed or interrupted a second time.
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function describeOnEach(name: string, body: (layout: Layout) => void, choice = layouts): void {
  const inFolder = (layout: Layout): Layout => ({
    ...layout,
    run(program, options = {}) {
      const files = {
        OMPI_MCA_btl_vader_backing_directory: folder,
        OMPI_MCA_btl_sm_backing_directory: folder, // the name of the variable in Open MPI 5 and later
        OMPI_MCA_orte_tmpdir_base: folder,
      };
      return layout.run(program, { ...options, env: { ...files, ...options.env } });
    },
  });
  describeOnEachMpi(name, (layout) => body(inFolder(layout)), choice);
}

/** Waits until the workers of busy.mjs compute. */
async function working(program: RunningProgram): Promise<void> {
  const [, pids = '[]'] = await program.printed(/working (\[.*\])/);
  expect(JSON.parse(pids)).toHaveLength(WORKERS);
}

function masterOf(program: RunningProgram): number {
  const master = program.processes().find((info) => roleOf(info) === 'master rank 0');
  if (master === undefined) throw new Error('There is no master');
  return master.pid;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has just ended.
  }
}

/** Why a signal to the master alone is no test of its own without mpiexec. */
const startedByTest =
  'without mpiexec the master is the process that the test has started: “ends on” tests it';

describeOnEach('a job with busy workers', ({ run, launched, mpi }) => {
  // mpi4py: Ctrl-C: 130
  test.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends on %s', async (signal) => {
    const result = await run('busy.mjs', {
      async whileRunning(program) {
        await working(program);
        program.signal(signal);
      },
    });
    // MPICH's mpiexec sometimes reports 0 when a signal ends it (docs/design/lifecycle.md).
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  testUnless(launched ? undefined : startedByTest).each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGKILL'])(
    'ends when its master gets %s',
    async (signal) => {
      const result = await run('busy.mjs', {
        async whileRunning(program) {
          await working(program);
          process.kill(masterOf(program), signal);
        },
      });
      // That of 4.2.1 reports 0 for a C program, too, whose rank 0 ends by SIGHUP: 3 of 24 runs.
      if (mpi !== 'mpich') expect(result.status).not.toBe(0);
    },
  );

  test('ends on Ctrl-C in a terminal, which reaches every process', async () => {
    const result = await run('busy.mjs', {
      async whileRunning(program) {
        await working(program);
        for (const { pid } of program.processes()) kill(pid, 'SIGINT');
      },
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  test('ends when Ctrl-C is pressed again', async () => {
    const result = await run('busy.mjs', {
      async whileRunning(program) {
        await working(program);
        for (let i = 0; i < 3; i++) program.signal('SIGINT');
      },
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  test('ends when the program handles Ctrl-C by process.exit', async () => {
    const result = await run('busy.mjs', {
      args: ['handles SIGINT'],
      async whileRunning(program) {
        await working(program);
        program.signal('SIGINT');
      },
    });
    if (!launched) expectStatus(result, 130);
    else if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });
});

// Of the processes in which these workers compute no launcher knows.
describeOnEach('a job with busy isolated workers', ({ run, launched, mpi }) => {
  const interrupted = (act: (program: RunningProgram) => void) =>
    run('busy.mjs', {
      env: { MPI_FUTURES_ISOLATE: '1' },
      async whileRunning(program) {
        await working(program);
        act(program);
      },
    });

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends on %s', async (signal) => {
    const result = await interrupted((program) => {
      program.signal(signal);
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  testUnless(launched ? undefined : startedByTest)('ends when its master is killed', async () => {
    const result = await interrupted((program) => {
      kill(masterOf(program), 'SIGKILL');
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  test('ends on Ctrl-C in a terminal, which reaches every process', async () => {
    const result = await interrupted((program) => {
      for (const { pid } of program.processes()) kill(pid, 'SIGINT');
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });

  testUnless(unlessLinux)(
    'leaves no shared memory when all of its processes are killed',
    async () => {
      let files: string[] = [];
      await interrupted((program) => {
        const processes = program.processes();
        files = processes.flatMap(({ pid }) => sharedMemoryOf(pid));
        for (const { pid } of processes) kill(pid, 'SIGKILL');
      });
      expect(files.filter(existsSync)).toEqual([]);
    },
  );
});

/** The files of shared memory that a process has, by their names; none if it has just ended. */
function sharedMemoryOf(pid: number): string[] {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return [];
  }
  return [...maps.matchAll(/ (\/dev\/shm\/.+?)(?: \(deleted\))?$/gm)].map(([, file = '']) => file);
}

// Kills all processes, because Open MPI's mpiexec may hang if only a rank is killed while it connects.
describeOnEach('a job whose workers start', ({ run, mpi }) => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends on %s', async (signal) => {
    const result = await run('busy.mjs', {
      async whileRunning(program) {
        await program.printed(/starting/);
        program.signal(signal);
      },
    });
    if (mpi !== 'mpich') expect(result.status).not.toBe(0);
  });
});

/** Open MPI 5 and later end a program that has lost a process it had spawned, also without mpiexec (docs/design/lifecycle.md). */
const endsLosers = majorOfOpenMpi() >= 5;

function expectEndedByOpenMpi({ status, signal }: ProgramResult): void {
  expect([14, 'SIGKILL']).toContain(status ?? signal);
}

describeOnEach('when a worker is killed', ({ run, launched }) => {
  if (!launched && endsLosers) {
    test('the program is ended by Open MPI', async () => {
      expectEndedByOpenMpi(await run('lost_worker.mjs', { whileRunning: killVictim }));
    });
  } else if (launched) {
    // mpi4py: a worker dies: the job ends, or the future hangs for ever
    test('the launcher ends the job with a status that is not 0', async () => {
      const result = await run('lost_worker.mjs', { whileRunning: killVictim });
      expectEndedByDeath(result);
    });
  } else {
    // mpi4py: a worker dies: the job ends, or the future hangs for ever
    test('its future fails with WorkerLostError and the program goes on', async () => {
      const result = await run('lost_worker.mjs', { whileRunning: killVictim });
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^WorkerLostError: .* its process has ended.* isolate: true/m);
    });

    test('its tasks are counted as lost', async () => {
      const { stdout } = await run('lost_worker.mjs', { whileRunning: killVictim });
      const ended = (how: string) =>
        stdout.split('\n').filter((line) => line.startsWith(`${how}: `)).length;
      const [lost, failed] = [ended('WorkerLostError'), ended('BrokenExecutorError')];
      expect(lost).toBeGreaterThan(0);
      const counts = { submitted: 5, done: 5 - lost - failed, failed, lost };
      expect(stdout).toMatch(JSON.stringify(counts));
    });
  }
});

describeOnEach('when the process of a task of an isolated worker is killed', ({ run }) => {
  test('its future fails with WorkerLostError and the program goes on', async () => {
    const env = { MPI_FUTURES_ISOLATE: '1' };
    const result = await run('lost_worker.mjs', { env, whileRunning: killVictim });
    expectStatus(result, 0);
    expect(result.stdout).toMatch('WorkerLostError');
    expect(result.stdout).toMatch('"done":4');
  });
});

describeOnEach('when an isolated worker itself is killed', ({ run, launched }) => {
  test('that is as without isolation, and its sandbox ends', async () => {
    const env = { MPI_FUTURES_ISOLATE: '1' };
    const args = ['worker'];
    const result = await run('lost_worker.mjs', { env, args, whileRunning: killVictim });
    if (launched) expectEndedByDeath(result);
    else if (endsLosers) expectEndedByOpenMpi(result);
    else {
      expectStatus(result, 0);
      expect(result.stdout).toMatch(/^WorkerLostError: .* its process has ended$/m);
    }
  });
});

describeOnEach('when a worker is killed while its buffer is under way', ({ run, launched }) => {
  test('the program ends', async () => {
    const result = await run('lost_buffer.mjs', { whileRunning: killVictim });
    if (launched) {
      expectEndedByDeath(result);
      return;
    }
    if (endsLosers) {
      expectEndedByOpenMpi(result);
      return;
    }
    expectStatus(result, 0);
    const lines = result.stdout.trim().split('\n').slice(1);
    expect(lines.pop()).toBe('shut down');
    expect(lines).toHaveLength(4);
    // Whichever had begun is lost; the others have no worker any more.
    for (const code of lines) expect(code).toMatch(/^ERR_(WORKER_LOST|BROKEN_EXECUTOR)$/);
  });
});

describeOnEach(
  'when a thread that has a pool is terminated',
  ({ run }) => {
    const ways = [
      'when it is done',
      'when it has shut down',
      'while its workers compute',
      'while answers come',
      'while its workers start',
    ];

    test.each(ways)('%s, the program goes on', async (way) => {
      const result = await run('terminated_thread.mjs', { args: [way] });
      expectStatus(result, 0);
      expect(result.stdout).toMatch('went on');
    });

    test.each(ways)('%s, by process.exit, that status is kept', async (way) => {
      for (const status of [0, 3]) {
        const result = await run('terminated_thread.mjs', { args: [way, String(status)] });
        expectStatus(result, status);
      }
    });
  },
  spawningLayouts,
);

// UCX, a transport of MPICH and of Open MPI 5, handles SIGHUP and other signals, unless variables forbid it before it is loaded.
const { glibcVersionRuntime } = (
  process.report.getReport() as { header: { glibcVersionRuntime?: string } }
).header;
describeUnless(glibcVersionRuntime === undefined ? 'needs glibc' : undefined).each([
  'openmpi',
  'mpich',
] as const)('a thread that starts MPI', (mpi) => {
  describeOn(mpi, `of ${mpi}`, () => {
    test('leaves SIGHUP to the process', async () => {
      const program = programFile('thread_signals.mjs');
      const result = await runProgram({ mpi, ranks: 1, program });
      expectStatus(result, 0);
      expect(BigInt(`0x${result.stdout.trim()}`) & 1n).toBe(0n);
    });
  });
});
