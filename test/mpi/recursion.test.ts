import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeOnEachLayout } from '../support/layouts.js';
import { expectStatus, isEndedByOpenMpi } from '../support/program.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnEachLayout('a program without guard that starts its pool', ({ run, name }) => {
  // mpi4py: under the launcher an unguarded script runs once per worker
  // mpi4py: a pool that starts while the main module is imported ends all, with a message
  test.each(['while it is imported', 'later'])('%s ends with advice', async (way) => {
    const file = path.join(folder, `${name} ${way}`);
    const result = await run('recursion.mjs', { args: [way, file] });
    expect(result.stderr).toMatch('if (isMain)');
    expect(result.stderr).toMatch('recursion.mjs');
    // Only the master and its workers, not further workers of these.
    expect(readFileSync(file).length).toBeLessThanOrEqual(3);
  });
});

describeOnEachLayout(
  'a module that starts a pool while a pool of a task imports it',
  ({ run, name }) => {
    test('ends the whole program with advice', async () => {
      const result = await run('nested_unguarded.mjs');
      expect(result.stderr).toMatch('if (isMain)');
      expect(result.stderr).toMatch('nested_unguarded.mjs');
      expect(result.stdout).toBe('');
      if (!isEndedByOpenMpi(result, name)) expectStatus(result, 1);
    });
  },
);
