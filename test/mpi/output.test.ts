import { spawnSync } from 'node:child_process';
import { describeOnEachLayout, programFile } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

const LINES = 20_000;

function numbersOfLines(text: string): number[] {
  return [...text.matchAll(/line (\d+) of many/g)].map(([, number]) => Number(number));
}

const allNumbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describeOnEachLayout('what workers print', ({ run, launched }) => {
  test.each(['before shutdown', 'forgets shutdown', 'exits'])(
    'arrives whole and in order: %s',
    async (way) => {
      const result = await run('output.mjs', { args: [way] });
      expectStatus(result, 0);
      expect(numbersOfLines(result.stdout)).toEqual(allNumbers(LINES));
    },
  );

  test('arrives on stderr too', async () => {
    const result = await run('output.mjs', { args: ['stderr'] });
    expectStatus(result, 0);
    expect(numbersOfLines(result.stderr)).toEqual(allNumbers(LINES));
  });

  test('arrives in order when the task waits in between', async () => {
    const result = await run('output.mjs', { args: ['slowly'] });
    expectStatus(result, 0);
    expect(numbersOfLines(result.stdout)).toEqual(allNumbers(200));
    // mpiexec merges stdout and stderr; without it only one stream is read here.
    if (!launched)
      expect(result.stdout.trimEnd().endsWith('line 199 of many\nthe result is here')).toBe(true);
  });

  test('may be bytes, in any encoding, and callbacks are called', async () => {
    const result = await run('output.mjs', { args: ['bytes'] });
    expectStatus(result, 0);
    const stdout = result.stdout.replaceAll('\r\n', '\n');
    expect(stdout).toMatch('éé✓\nnot changed\ncorked together\n');
    // mpiexec may insert output of the master into the middle of a line.
    expect(stdout.replaceAll(/[^x]/g, '')).toHaveLength(300_000);
    expect(stdout).toMatch('writable: true');
  });
});

// Only threads print: Node.js itself ends a program when a second line cannot be written.
test.each([
  ['a full disk', 'exec "$@" > /dev/full'],
  ['a pipe that nobody reads', 'set -o pipefail; "$@" | :'],
])('what threads print to %s does not end the program', (_, line) => {
  const env = { ...process.env, MPI_FUTURES_TEST_EXECUTOR: 'ThreadPoolExecutor', MPI_FUTURES_MAX_WORKERS: '1' }; // prettier-ignore
  const command = ['-c', line, '-', process.execPath, programFile('output.mjs'), 'before shutdown'];
  const { stderr, status } = spawnSync('bash', command, { env, encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
});
