import { hostname } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { whyMpichCannotSpawn } from '../../scripts/mpi_environment.mjs';
import { describeOn, describeOnEachMpi, layouts, WORKERS } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';
import { skipped } from '../support/unless.js';

const program = path.join(root, 'examples/hello.mjs');
const line = /^Hello from rank (\d+) of (\d+) on (\S+), pid (\d+)$/;

describeOnEachMpi('examples/hello.mjs', ({ run, spawns }) => {
  // mpi4py: `python -m mpi4py.futures FILE`
  test('prints a line for each worker, in the order of their ranks', async () => {
    const result = await run(program);
    expectStatus(result, 0);
    const workers = result.stdout
      .trim()
      .split(/\r?\n/)
      .map((text) => line.exec(text)?.slice(1, 4));
    const [first, size] = spawns ? [0, WORKERS] : [1, 1 + WORKERS];
    expect(workers).toEqual(
      [first, first + 1].map((rank) => [String(rank), String(size), hostname()]),
    );
  });
});

// So that docs/guide/compatibility.md has its row.
if (layouts.every(({ name }) => name !== 'mpich spawned')) {
  describeOn('mpich', 'examples/hello.mjs: mpich spawned', () => {
    skipped('spawned', whyMpichCannotSpawn);
  });
}
