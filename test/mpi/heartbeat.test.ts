import { setTimeout as pause } from 'node:timers/promises';
import { statOf } from '../../lib/process/processes_here.js';
import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts, WORKERS } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';
import type { RunningProgram } from '../support/run.js';
import { testUnless, unlessLinux } from '../support/unless.js';

// On one host a death is noticed at once, and there are no heartbeats: only what was stopped by a signal falls silent.
const env = { MPI_FUTURES_SHARED_MEMORY: '0' };
const places = [
  ['between hosts', env, 'nothing was heard from it for'],
  ...(unlessLinux === undefined
    ? [['on one host', {}, 'its process was stopped \\(SIGSTOP\\) for'] as const]
    : []),
] as const;

interface Pids {
  master: number;
  workers: number[];
}

async function pidsOf(program: RunningProgram): Promise<Pids> {
  const [, master, workers = '[]'] = await program.printed(/master (\d+) workers (\[.*\])/);
  const pids = { master: Number(master), workers: JSON.parse(workers) as number[] };
  expect(pids.workers).toHaveLength(WORKERS);
  return pids;
}

async function untilGone(program: RunningProgram, pids: readonly number[]): Promise<void> {
  while (program.processes().some(({ pid }) => pids.includes(pid))) await pause(50);
}

/** Stops processes, and lets them go on: the last one first. */
async function stopFor(milliseconds: number, pids: readonly number[]): Promise<void> {
  for (const pid of pids) kill(pid, 'SIGSTOP');
  await pause(milliseconds);
  for (const pid of pids.toReversed()) kill(pid, 'SIGCONT');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The launcher has already ended it.
  }
}

describe.each(places)('%s', (_, env, silence) => {
  describeOnEachMpi('what is silent', ({ run, launched }) => {
    test('the task of a worker that is silent fails, that of one that computes does not', async () => {
      const result = await run('heartbeat.mjs', {
        env,
        args: ['two tasks', '2000', '5000'],
        async whileRunning(program) {
          const { workers } = await pidsOf(program);
          kill(workers[0]!, 'SIGSTOP');
        },
      });
      const lines = result.stdout.trim().split(/\r?\n/).slice(1).sort();
      expect(lines).toEqual([
        expect.stringMatching(new RegExp(`^WorkerLostError: .*${silence} \\d+ ms`)),
        'afterwards: a result',
        'done',
      ]);
      // The job ends by MPI_Abort, because a worker was lost.
      expectStatus(result, launched ? 1 : 0);
    });

    test('a worker that comes back after it was lost is not believed', async () => {
      const result = await run('heartbeat.mjs', {
        env,
        args: ['a task again', '2000', '3000'],
        async whileRunning(program) {
          const { workers } = await pidsOf(program);
          kill(workers[0]!, 'SIGSTOP');
          await program.printed(/the same worker/);
          kill(workers[0]!, 'SIGCONT');
        },
      });
      expect(result.stdout.trim().split(/\r?\n/).slice(1)).toEqual([
        'the same worker: true',
        'going on true',
        'afterwards: a result 1',
      ]);
      expectStatus(result, launched ? 1 : 0);
    });

    test('when all processes are stopped for longer, nobody is lost', async () => {
      const result = await run('heartbeat.mjs', {
        env,
        args: ['two tasks', '1000', '1000'],
        async whileRunning(program) {
          const { master, workers } = await pidsOf(program);
          await stopFor(2000, [master, ...workers]);
        },
      });
      expectStatus(result, 0);
      expect(result.stdout.match(/^done/gm)).toHaveLength(2);
    });
  });
});

describeOnEachMpi('between hosts', ({ run, launched }) => {
  test('workers end when their master is silent', async () => {
    const result = await run('heartbeat.mjs', {
      env,
      args: ['busy workers', '2000'],
      async whileRunning(program) {
        const { master, workers } = await pidsOf(program);
        kill(master, 'SIGSTOP');
        await untilGone(program, workers);
        kill(master, 'SIGKILL');
      },
    });
    expect(result.status).not.toBe(0);
    // Without mpiexec nobody prints their output.
    if (launched)
      expect(result.stderr).toMatch(
        /ends because it has lost its master: nothing was heard from it/,
      );
  });
});

describeOnEachMpi('on one host', ({ run }) => {
  testUnless(unlessLinux)(
    'a sandbox that is stopped is killed, and its worker goes on',
    async () => {
      const result = await run('heartbeat.mjs', {
        env: { MPI_FUTURES_ISOLATE: '1' },
        args: ['two tasks', '1000', '5000'],
        async whileRunning(program) {
          const { workers } = await pidsOf(program);
          kill(workers[0]!, 'SIGSTOP');
        },
      });
      expectStatus(result, 0);
      expect(result.stdout.trim().split(/\r?\n/).slice(1).sort()).toEqual([
        expect.stringMatching(
          /^WorkerLostError: .* its sandbox was stopped \(SIGSTOP\) for \d+ ms, and then killed/,
        ),
        'afterwards: a result',
        'done',
      ]);
    },
  );

  testUnless(unlessLinux)(
    'a worker that is stopped while its sandbox dies says so when it goes on',
    async () => {
      const result = await run('heartbeat.mjs', {
        env: { MPI_FUTURES_ISOLATE: '1' },
        args: ['two tasks', '1000', '5000'],
        async whileRunning(program) {
          const [sandbox = 0] = (await pidsOf(program)).workers;
          const keeper = statOf(sandbox)!.parent;
          kill(keeper, 'SIGSTOP');
          kill(sandbox, 'SIGKILL');
          await stopFor(2000, [keeper]);
        },
      });
      expectStatus(result, 0);
      expect(result.stdout.trim().split(/\r?\n/).slice(1).sort()).toEqual([
        expect.stringMatching(/^WorkerLostError: .* its sandbox was killed/),
        'afterwards: a result',
        'done',
      ]);
    },
  );
});

const [spawned, staticLayout] = layouts;

describeOnEachMpi(
  'below MPI_THREAD_MULTIPLE',
  ({ run }) => {
    testChecks('two_pools.mjs', (options) =>
      run('two_pools.mjs', {
        ...options,
        // Spawning so many takes longer, and MPI cannot answer meanwhile.
        args: ['8', '1000'],
        env: { ...env, MPI_FUTURES_THREAD_LEVEL: 'funneled' },
      }),
    );
  },
  [spawned!],
);

describeOnEachMpi(
  'heartbeat: Infinity',
  ({ run }) => {
    test('a worker may be silent for any time', async () => {
      const result = await run('heartbeat.mjs', {
        env,
        args: ['two tasks', 'Infinity', '100'],
        async whileRunning(program) {
          const { workers } = await pidsOf(program);
          await stopFor(2000, workers.slice(0, 1));
        },
      });
      expectStatus(result, 0);
      expect(result.stdout.match(/^done/gm)).toHaveLength(2);
    });
  },
  [staticLayout!],
);
