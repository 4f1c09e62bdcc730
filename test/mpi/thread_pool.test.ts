import { testChecks } from '../support/checks.js';
import { threads, threadsWithoutAddons } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

describe('worker threads', () => {
  testChecks('thread_pool.mjs', (options) =>
    threads.run('thread_pool.mjs', {
      ...options,
      // A small heap, which a thread can fill quickly.
      nodeArgs: ['--max-old-space-size=100'],
      env: { MPI_FUTURES_MAX_WORKERS: undefined },
    }),
  );
});

describe('worker threads without addons', () => {
  testChecks('no_addons.mjs', (options) => threadsWithoutAddons.run('no_addons.mjs', options));
  testChecks('values.mjs', (options) => threadsWithoutAddons.run('values.mjs', options));
});

describe('worker threads that the pool ends and replaces', () => {
  testChecks('ended_workers.mjs', (options) => threads.run('ended_workers.mjs', options));
});

describe('what worker threads print arrives whole, in order, and before the result', () => {
  test.each([
    ['shutdown', 'done'],
    ['by itself', 'done'],
    ['its thread is lost', 'ERR_WORKER_LOST'],
  ])('%s', async (ends, last) => {
    const result = await threads.run('thread_output.mjs', { args: [ends] });
    expectStatus(result, 0);
    const lines = result.stdout.trim().split('\n');
    expect(lines).toHaveLength(20_001);
    expect(lines.slice(0, -1).every((line, i) => line.startsWith(`line ${i} `))).toBe(true);
    expect(lines.at(-1)).toBe(last);
    expect(result.stderr).toMatch('printed');
  });
});

describe('a thread of the program that has a pool of threads', () => {
  const ways = ['when it is done', 'while its workers compute', 'while its workers start'];

  test.each(ways)('is terminated %s, and the program goes on', async (way) => {
    const result = await threads.run('terminated_thread.mjs', { args: [way] });
    expectStatus(result, 0);
    expect(result.stdout).toMatch('went on');
  });

  test('process.exit keeps its status', async () => {
    for (const status of [0, 3]) {
      const args = ['while its workers compute', String(status)];
      expectStatus(await threads.run('terminated_thread.mjs', { args }), status);
    }
  });
});

test('NODE_DEBUG=mpi-futures shows whole stacks; else they end with the program, also by source maps', async () => {
  const whole = await threads.run('whole_stack.mjs', { env: { NODE_DEBUG: 'mpi-futures' } });
  expect(whole.stdout).toMatch(/fails .+\n(\s+at .+\/dist\/.+\n)+\s+at worker/);
  const mapped = await threads.run('whole_stack.mjs', { nodeArgs: ['--enable-source-maps'] });
  expect(mapped.stdout).toMatch(/to be seen\n\s+at fails .+:9:11\)\n\s+at worker \d of 2/);
});
