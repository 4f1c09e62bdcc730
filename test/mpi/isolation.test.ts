import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts } from '../support/layouts.js';

/** What isolation.mjs gives to the workers that it spawns. */
const heapOfStaticRanks = '--max-old-space-size=64';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnEachMpi('isolation', ({ run, spawns, launched }) => {
  testChecks('isolation.mjs', (options) =>
    run('isolation.mjs', {
      ...options,
      args: [folder, spawns ? 'spawned' : 'static'],
      nodeArgs: spawns ? [] : [heapOfStaticRanks],
    }),
  );

  testChecks('current_task.mjs', (options) =>
    run('current_task.mjs', { ...options, env: { MPI_FUTURES_ISOLATE: '1' } }),
  );

  const isolated = { env: { MPI_FUTURES_ISOLATE: '1' } };

  describe.each(['maxTasksPerWorker', 'maxMemory'])('%s', (option) => {
    testChecks('recycled_sandboxes.mjs', (options) =>
      run('recycled_sandboxes.mjs', { ...options, ...isolated, args: [option] }),
    );
  });

  describe.each(['killWorkers', 'terminateWorkers', 'shutdown'])('%s', (method) => {
    testChecks('ended_sandboxes.mjs', (options) =>
      run('ended_sandboxes.mjs', { ...options, ...isolated, args: [method] }),
    );
  });

  if (launched)
    describe('many kills', () => {
      testChecks('many_kills.mjs', (options) =>
        run('many_kills.mjs', { ...options, args: [folder], env: { MPI_FUTURES_ISOLATE: '1' } }),
      );
    });

  // Executors of static ranks share their workers, which the checks have for themselves.
  if (spawns)
    testChecks('ended_workers.mjs', (options) =>
      run('ended_workers.mjs', { ...options, env: { MPI_FUTURES_ISOLATE: '1' } }),
    );
});

describeOnEachMpi(
  'isolation where processes share no memory',
  ({ run, spawns }) => {
    testChecks('isolation.mjs', (options) =>
      run('isolation.mjs', {
        ...options,
        args: [folder, spawns ? 'spawned' : 'static'],
        nodeArgs: spawns ? [] : [heapOfStaticRanks],
        env: { MPI_FUTURES_SHARED_MEMORY: '0' },
      }),
    );
  },
  layouts.filter(({ name }) => /^(openmpi spawned|mpich static)$/.test(name)),
);
