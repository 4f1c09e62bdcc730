import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeInBrowser, lookAt } from '../support/browser.js';
import { testChecks } from '../support/checks.js';
import { describeOnEachLayout, describeOnEachMpi, LAUNCHER, layouts, programFile, threads } from '../support/layouts.js'; // prettier-ignore
import { expectStatus, runProgram } from '../support/program.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnEachLayout('observing', ({ run }) => {
  testChecks('observing.mjs', (options) => run('observing.mjs', { ...options, args: [folder] }));
});

const sum = 'the sum is 600\n';

const onThreads = { ...process.env, MPI_FUTURES_TEST_EXECUTOR: 'ThreadPoolExecutor', MPI_FUTURES_MAX_WORKERS: '2' }; // prettier-ignore

test.each([
  ['a line', {}],
  ['a bar', { MPI_FUTURES_COLUMNS: '60' }],
])('%s for a stderr that is closed ends nothing', async (_, columns) => {
  const program = spawn(process.execPath, [programFile('observed_map.mjs')], {
    env: { ...onThreads, MPI_FUTURES_PROGRESS: '1', ...columns },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.stderr.destroy();
  let stdout = '';
  program.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const [status] = await once(program, 'close');
  expect([stdout, status]).toEqual([sum, 0]);
});

interface Event {
  name: string;
  cat?: string;
}

const eventsOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Event[];
const runsIn = (file: string) => eventsOf(file).filter(({ cat }) => cat === 'run').length;

describeOnEachLayout('variables', ({ run, name }) => {
  test('MPI_FUTURES_TRACE writes all tasks, MPI_FUTURES_PROGRESS a line for each map', async () => {
    const file = path.join(folder, `${name}.json`);
    const result = await run('observed_map.mjs', { env: { MPI_FUTURES_TRACE: file, MPI_FUTURES_PROGRESS: '1' } }); // prettier-ignore
    expectStatus(result, 0);
    expect(result.stdout).toBe(sum);
    expect(result.stderr).toMatch(/^identity: 300 in [\d.]+ s, \d[\d.]*\/s$/m);
    expect(runsIn(file)).toBe(100);
  });
});

describeOnEachMpi(
  'what cannot be written',
  ({ run }) => {
    test.each([
      ['a folder that is not there', '/nowhere/at/all.json', 'ENOENT'],
      ['a full disk', '/dev/full', 'ENOSPC'],
    ])('%s is a warning, and the program has its results', async (_, file, code) => {
      const result = await run('observed_map.mjs', { env: { MPI_FUTURES_TRACE: file } });
      expectStatus(result, 0);
      expect(result.stdout).toBe(sum);
      const warnings = result.stderr.match(/The trace cannot be written.*/g);
      expect(warnings).toEqual([expect.stringContaining(`to ${file} (MPI_FUTURES_TRACE): ${code}`)]); // prettier-ignore
    });
  },
  [...layouts.filter(({ mpi }) => mpi === 'mpich'), threads],
);

describeOnEachMpi(
  'the command mpi-futures',
  ({ mpi }) => {
    test('--trace and --progress are for the program that follows', async () => {
      const file = path.join(folder, 'command.json');
      const args = ['--progress', '--trace', file, programFile('observed_map.mjs')];
      const result = await runProgram({ mpi, ranks: 3, program: LAUNCHER, args });
      expectStatus(result, 0);
      expect(result.stdout).toBe(sum);
      expect(result.stderr).toMatch(/^identity: 300 in/m);
      expect(runsIn(file)).toBe(100);
    });
  },
  layouts.filter(({ name }) => name.endsWith('static')),
);

test('a process, its child and its thread write a trace each', () => {
  const own = mkdtempSync(path.join(folder, 'each-'));
  const env = { ...process.env, MPI_FUTURES_TRACE: path.join(own, 'run.json') };
  for (let run = 0; run < 2; run++) {
    const output = execFileSync(process.execPath, [programFile('traces_of_three.mjs')], { env, encoding: 'utf8' }); // prettier-ignore
    const { main, child, thread } = JSON.parse(output) as Record<string, number>;
    const names = ['run.json', `run.${main}-${thread}.json`, `run.${child}.json`];
    expect(readdirSync(own)).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(runsIn(path.join(own, name))).toBe(2);
    expect(readdirSync(own)).toHaveLength(1 + 2 * (run + 1)); // the main one of the run before was replaced
  }
});

describe('mpi-futures report', () => {
  const command = (...args: string[]) =>
    spawnSync(process.execPath, [LAUNCHER, 'report', ...args], { encoding: 'utf8' });
  let trace: string;

  beforeAll(() => {
    trace = path.join(folder, 'report <&>.json');
    const env = { ...onThreads, MPI_FUTURES_TRACE: trace };
    execFileSync(process.execPath, [programFile('observed_map.mjs')], { env });
  });

  test('makes a page, and prints what to do', () => {
    const { stdout, stderr, status } = command(trace);
    expect([stderr, status]).toEqual(['', 0]);
    const page = trace.replace(/json$/, 'html');
    expect(stdout).toContain(`${page}: 100 tasks on 2 workers\n- `);
    expect(existsSync(page)).toBe(true);
  });

  test('of a program that was killed while it wrote has all that was written', () => {
    const text = readFileSync(trace, 'utf8');
    const torn = path.join(folder, 'torn.json');
    writeFileSync(torn, text.slice(0, text.length - 60));
    const { stdout, status } = command(torn, '--out', path.join(folder, 'torn.html'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/: \d+ tasks on 2 workers/);
  });

  test.each([
    ['nothing', [], 'Expected the file of a trace'],
    [
      'a file that is not there',
      ['/nowhere.json'],
      'The trace /nowhere.json cannot be read: ENOENT',
    ],
    [
      'an empty file',
      ['/dev/null'],
      "/dev/null is no trace: expected JSON of Chrome's trace viewer but received an empty file",
    ],
    [
      'another file',
      [__filename],
      "is no trace: expected JSON of Chrome's trace viewer but received 'import",
    ],
    ['a trace of another program', [path.join(__dirname, '../../package.json')], 'is no trace'],
    ['an option that is unknown', ['--output', 'x'], 'Unknown option of report: --output'],
    ['two traces', ['a', 'b'], 'Expected one trace but received a and b'],
  ])('of %s is one clear sentence', (_, args, message) => {
    const { stdout, stderr, status } = command(...args);
    expect(stderr.split('\n')[0]).toMatch(/^mpi-futures: /);
    expect(stderr).toContain(message);
    expect([stdout, status]).toEqual(['', 1]);
  });

  test.each(['/nowhere/page.html', '/dev/full'])('a page that cannot be written to %s', (page) => {
    const { stderr, status } = command(trace, '--out', page);
    expect(stderr).toContain(`The report cannot be written to ${page}: E`);
    expect(status).toBe(1);
  });

  describeInBrowser('in a browser', () => {
    test('shows a row of each worker, and loads nothing', async () => {
      const page = trace.replace(/json$/, 'html');
      command(trace, '--out', page);
      const { html, console } = await lookAt(page, 'report');
      expect(console).toEqual([]);
      expect(html.match(/<text [^>]*>worker \d</g)).toHaveLength(2);
      expect(html).toContain('report &lt;&amp;&gt;.json');
      expect(html).not.toMatch(/<script|src=|https?:/);
    });
  });
});
