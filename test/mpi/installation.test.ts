/** The package as an app gets it: packed, installed with a lock file where nothing can be compiled, and run. */

import { addonFile } from '../../scripts/paths.mjs';
import { availableMpis } from '../support/layouts.js';
import { fetchNpm, PackedApp, whyNoRegistry } from '../support/packed_app.js';
import { expectStatus, runProgram } from '../support/program.js';

const onThreads = `
import { ThreadPoolExecutor } from 'mpi-futures';
const pool = new ThreadPoolExecutor(1);
console.log(await pool.submit((x) => x * 2, 21));
await pool.shutdown();`;

const onMpi = onThreads.replaceAll('ThreadPoolExecutor', 'PoolExecutor');

const why = whyNoRegistry();

describe('an app with the packed package', () => {
  if (why !== undefined) {
    console.warn(`Skipped: an app with the packed package: ${why}`);
    test.skip(`skipped: ${why}`, () => undefined);
    return;
  }

  const app = new PackedApp();
  beforeAll(() => app.pack());
  afterAll(() => app.remove());

  // npm would run node-gyp by itself (npm/cli#3341).
  test('has no binding.gyp', () => {
    const files = app.files();
    expect(files).toContain('package/dist/index.js');
    expect(files.filter((file) => file.endsWith('.gyp'))).toEqual([]);
  });

  test.each([10, 11, 12])(
    'is installed by npm %i with a lock file and no compiler, and runs',
    async (major) => {
      app.install(fetchNpm(major));
      const result = await runProgram({ program: app.write('threads.mjs', onThreads) });
      expectStatus(result, 0);
      expect(result.stdout).toBe('42\n');
    },
    600_000,
  );

  test.each(availableMpis())('runs on %s with an addon that was built', async (mpi) => {
    const result = await runProgram({
      mpi,
      ranks: 2,
      program: app.command,
      args: [app.write('app.mjs', onMpi)],
      env: { MPI_FUTURES_ADDON: addonFile(mpi) },
    });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42\n');
  });
});
