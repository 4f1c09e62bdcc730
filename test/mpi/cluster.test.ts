import { setTimeout as pause } from 'node:timers/promises';
import { expectChecks, testChecks } from '../support/checks.js';
import { Cluster, whyNoCluster, WORKERS } from '../support/cluster/cluster.js';
import { describeOn, LAUNCHER, programFile, spawningMpichOptions } from '../support/layouts.js';
import {
  expectEndedByDeath,
  expectStatus,
  type Mpi,
  type ProgramOptions,
} from '../support/program.js';
import {
  majorOfMpich,
  majorOfOpenMpi,
  whyMpichCannotSpawn,
} from '../../scripts/mpi_environment.mjs';
import { roleOf } from '../support/process_tree.js';
import type { RunningProgram } from '../support/run.js';
import { skipped } from '../support/unless.js';

/** A way to have workers on other hosts. */
interface Way {
  name: string;
  mpi: Mpi;
  start: (program: string, args: string[]) => ProgramOptions & { mpi: Mpi };
}

const ways: Way[] = [
  spawned('openmpi spawned', 'openmpi'),
  launched('openmpi static', 'openmpi'),
  launched('mpich static', 'mpich'),
  ...(spawningMpichOptions ? [spawned('mpich spawned', 'mpich', spawningMpichOptions)] : []),
];

function spawned(name: string, mpi: Mpi, options: Partial<ProgramOptions> = {}): Way {
  const start: Way['start'] = (program, args) => ({
    ...options,
    mpi,
    program: programFile(program),
    args,
    // Open MPI counts the slots itself.
    env: { ...options.env, ...(mpi === 'mpich' && { MPI_FUTURES_MAX_WORKERS: String(WORKERS) }) },
  });
  return { name, mpi, start };
}

function launched(name: string, mpi: Mpi): Way {
  const start: Way['start'] = (program, args) => ({
    mpi,
    ranks: 1 + WORKERS,
    program: LAUNCHER,
    args: [programFile(program), ...args],
  });
  return { name, mpi, start };
}

describe('on several hosts', () => {
  const reason = whyNoCluster();
  if (reason !== undefined) {
    skipped('on several hosts', reason);
    return;
  }
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
  });

  afterAll(async () => {
    expect(await cluster.stop()).toEqual([]);
  });

  if (!ways.some(({ name }) => name === 'mpich spawned'))
    skipped('mpich spawned', whyMpichCannotSpawn);
  for (const { name, mpi, start } of ways) {
    describeOn(mpi, name, () => {
      let stdout = '';
      testChecks('cluster.mjs', async ({ deadline }) => {
        const result = await cluster.run({ ...start('cluster.mjs', ['nodeb,nodec']), deadline });
        ({ stdout } = result);
        return result;
      });

      test('what workers print arrives', () => {
        const printed = stdout.match(/^printed on node[bc]/gm) ?? [];
        expect(printed).toHaveLength(3 * WORKERS);
        expect(new Set(printed)).toEqual(new Set(['printed on nodeb', 'printed on nodec']));
      });
    });
  }

  // For this test, static workers of Open MPI do not differ from spawned ones.
  for (const { name, mpi, start } of ways.filter((way) => way.name !== 'openmpi static')) {
    describeOn(mpi, `${name}: a host that cannot be reached any more`, () => {
      test('its workers are lost, the others go on, and all ends', async () => {
        const result = await cluster.run({
          ...start('cluster_loss.mjs', ['are cut off']),
          async whileRunning(program) {
            await program.printed(/at work/);
            cluster.link('nodeb', 'down');
            try {
              await untilNoRankIsLeft(program);
            } finally {
              // Open MPI's mpiexec waits for it.
              cluster.link('nodeb', 'up');
            }
          },
        });
        expect(linesOf(result.stdout)).toEqual([
          expect.stringMatching(
            /^WorkerLostError: .* on nodeb\) was lost: nothing was heard from it/,
          ),
          expect.stringMatching(
            /^WorkerLostError: .* on nodeb\) was lost: nothing was heard from it/,
          ),
          'afterwards: 42',
          'done on nodec',
          'done on nodec',
        ]);
      });
    });
  }

  describeOn('openmpi', 'workers that die on another host', () => {
    test('take the job along', async () => {
      const { start } = ways[0]!;
      // The others may go on for a moment, and the master may even have its results, before mpiexec ends them.
      expectEndedByDeath(await cluster.run(start('cluster_loss.mjs', ['die'])));
    });
  });

  for (const { name, mpi, start } of ways) {
    describeOn(mpi, `${name}: isolated workers on other hosts`, () => {
      test('the sandboxes of another host die, and nothing else', async () => {
        const { env, ...program } = start('cluster_loss.mjs', ['die']);
        const result = await cluster.run({ ...program, env: { ...env, MPI_FUTURES_ISOLATE: '1' } });
        expectStatus(result, 0);
        expect(linesOf(result.stdout)).toEqual([
          expect.stringMatching(/^WorkerLostError: .* on nodeb\) was lost: its sandbox was killed/),
          expect.stringMatching(/^WorkerLostError: .* on nodeb\) was lost: its sandbox was killed/),
          'afterwards: 42',
          'done on nodec',
          'done on nodec',
        ]);
      });
    });
  }

  describeOn('openmpi', 'tasks that are killed on another host', () => {
    testChecks('cluster_kills.mjs', ({ deadline }) =>
      cluster.run({ ...ways[0]!.start('cluster_kills.mjs', []), deadline }),
    );
  });

  for (const { name, mpi, start } of ways.filter(
    ({ name }) => !/^(openmpi static|mpich spawned)$/.test(name),
  )) {
    describeOn(mpi, `${name}: a job with busy isolated workers on other hosts`, () => {
      test.each([
        ['mpiexec', 'SIGINT'],
        ['mpiexec', 'SIGTERM'],
        ['mpiexec', 'SIGHUP'],
        ['mpiexec', 'SIGKILL'],
        ['master rank 0', 'SIGKILL'],
      ] as const)('when its %s gets %s, all ends on every host', async (role, signal) => {
        const { env, ...program } = start('busy.mjs', []);
        const result = await cluster.run({
          ...program,
          env: { ...env, MPI_FUTURES_ISOLATE: '1' },
          async whileRunning(running) {
            await running.printed(/working \[\d/);
            const chosen = running.processes().find((info) => roleOf(info) === role);
            process.kill(Number(chosen?.pid), signal);
          },
        });
        // Hydra's says 0 at times when a signal ends it (docs/design/lifecycle.md).
        if (mpi !== 'mpich') expect(result.status).not.toBe(0);
        // Those of an MPI stay if its mpiexec is killed.
        const left = cluster.sharedMemory().filter((file) => !/^(vader|sm|mpich|osc)/.test(file));
        expect(left).toEqual([]);
      });
    });
  }

  describeOn(
    'mpich',
    'workers that die on another host, where the MPI lets the others live',
    () => {
      if (majorOfMpich() >= 5) {
        const why = 'its MPI_Isend to a rank that has died on another host crashes, in C too';
        skipped(`MPICH ${majorOfMpich()}`, `${why} (docs/guide/known-issues.md)`);
        return;
      }
      test('are lost', async () => {
        const { start } = ways[2]!;
        const program = {
          ...start('cluster_loss.mjs', ['die']),
          mpiexecArgs: ['-disable-auto-cleanup'],
        };
        let result = await cluster.run(program);
        for (let again = 0; mpiexecFailed(result) && again < 5; again++)
          result = await cluster.run(program);
        expectStatus(result, 1);
        expect(linesOf(result.stdout)).toEqual([
          expect.stringMatching(/^WorkerLostError: .* on nodeb\) was lost/),
          expect.stringMatching(/^WorkerLostError: .* on nodeb\) was lost/),
          'afterwards: 42',
          'done on nodec',
          'done on nodec',
        ]);
      });
    },
  );
});

describe('on hosts with addresses of one family', () => {
  const reason = whyNoCluster();
  if (reason !== undefined) {
    skipped('on several hosts', reason);
    return;
  }
  describe.each(['4', '6'] as const)('IPv%s', (families) => {
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await Cluster.start(families);
    });

    afterAll(async () => {
      expect(await cluster.stop()).toEqual([]);
    });

    if (families === '6' && majorOfOpenMpi() >= 5) {
      // Its PMIx knows no IPv6, and its prte_check_host_is_local follows a null pointer where there is no address.
      const why =
        'its mpiexec crashes there, with `hostname` too (https://github.com/open-mpi/ompi/issues/12771)';
      skipped(`Open MPI ${majorOfOpenMpi()} with IPv6 alone`, why);
      return;
    }
    describeOn('openmpi', 'openmpi spawned', () => {
      test('tasks run on all of them', async () => {
        const { start } = ways[0]!;
        const result = await cluster.run(start('cluster.mjs', ['nodeb,nodec']));
        expectStatus(result, 0);
        expectChecks(result.stdout, 'cluster.mjs');
      });
    });
  });
});

/** Sorted, less the rest of a text in several lines. */
function linesOf(stdout: string): string[] {
  return stdout
    .split(/\r?\n/)
    .filter((line) => /^(Worker|done|afterwards)/.test(line))
    .sort();
}

/** Hydra itself fails at times when all processes of a host die at once: docs/guide/known-issues.md. */
function mpiexecFailed({ signal, stderr }: { signal: string | null; stderr: string }): boolean {
  return signal === 'SIGPIPE' || /^\[(mpiexec|proxy:\S+)@.*\bHYD/m.test(stderr);
}

/** The workers of a host that cannot be reached have to end by themselves. */
async function untilNoRankIsLeft(program: RunningProgram): Promise<void> {
  while (program.processes().some((process) => /rank \d/.test(roleOf(process)))) await pause(50);
}
