import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram } from '../../scripts/programs.mjs';
import { describeInBrowser, lookAt } from '../support/browser.js';
import { testChecks } from '../support/checks.js';
import { describeOn, describeOnEachLayout, describeOnEachMpi, LAUNCHER, layouts, programFile, threads } from '../support/layouts.js'; // prettier-ignore
import { expectStatus, runProgram } from '../support/program.js';
import { faultsOf } from '../support/trace_rules.mjs';
import { testUnless, unlessLinux } from '../support/unless.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnEachLayout('observing', ({ run }) => {
  testChecks('observing.mjs', (options) => run('observing.mjs', { ...options, args: [folder] }));
});

// Isolated, so that the program goes on on every MPI; a thread ends by an exit.
describeOnEachMpi(
  'a worker that dies',
  ({ run, mpi }) => {
    const options = {
      args: mpi === null ? ['exits'] : [],
      env: { MPI_FUTURES_ISOLATE: mpi === null ? '0' : '1', MPI_FUTURES_MAX_WORKERS: '1' },
    };
    testChecks('lost_events.mjs', (more) => run('lost_events.mjs', { ...options, ...more }));

    test('NODE_DEBUG=mpi-futures prints when the pool starts, gets and loses workers', async () => {
      const env = { ...options.env, NODE_DEBUG: 'mpi-futures' };
      const result = await run('lost_events.mjs', { ...options, env });
      expectStatus(result, 0);
      const lines = result.stderr.match(/(?<=^MPI-FUTURES \d+: ).*(?=\r?$)/gm);
      const joined = expect.stringMatching(/^worker 0 \(process \d+ on \S+\) has joined its pool$/) as string; // prettier-ignore
      const [starts, started, ...later] = lines ?? [];
      expect([starts, started]).toEqual(['a pool starts its workers', 'a pool has started; its workers: 1']); // prettier-ignore
      expect(later).toEqual([
        joined,
        expect.stringMatching(/^worker 0 \(process \d+ on \S+\) is lost: Worker 0 .* was lost: /),
        joined,
      ]);
    });
  },
  [...layouts.filter(({ name }) => name === 'openmpi singleton'), threads],
);

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

describeOn('mpich', 'mpi-futures -n', () => {
  test('a full disk for stderr ends nothing', () => {
    const command = ['-c', 'exec "$@" 2> /dev/full', '-', process.execPath, LAUNCHER, '-n', '3', '--progress', programFile('observed_map.mjs')]; // prettier-ignore
    const env = { ...process.env, MPI_FUTURES_MPI: 'mpich' };
    const { stdout, status } = spawnSync('bash', command, { env, encoding: 'utf8' });
    expect([stdout, status]).toEqual([sum, 0]);
  });
});

const testOnTerminal = testUnless(
  unlessLinux ?? (findProgram('script') === undefined ? 'needs script (util-linux)' : undefined),
);

testOnTerminal(
  'a bar has room on a terminal of 20 columns, with its label in wide characters',
  () => {
    const command = `stty cols 20; exec '${process.execPath}' '${programFile('observed_map.mjs')}' label`;
    const env = { ...onThreads, MPI_FUTURES_PROGRESS: '1' };
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
    // eslint-disable-next-line no-control-regex -- the control characters that place the cursor
    const [, ...bars] = stdout.split(/\u001b\[1G\u001b\[2K/);
    const [last = ''] = bars.at(-1)?.split('\r\n') ?? [];
    expect(last).toMatch(/^模拟\S* 100% \d/);
    const widths = bars.map((bar) => (bar.split('\r\n')[0] ?? '').replace(/[^\x20-\x7e…]/g, '..').length); // prettier-ignore
    expect(Math.max(...widths)).toBeLessThan(20);
    expect(stdout).toContain(sum.trim());
    expect(status).toBe(0);
  },
);

type Events = Parameters<typeof faultsOf>[0];

const eventsOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Events;
const runsIn = (file: string) => eventsOf(file).filter(({ cat }) => cat === 'run').length;

describeOnEachLayout('variables', ({ run, name }) => {
  test('MPI_FUTURES_TRACE writes all tasks, MPI_FUTURES_PROGRESS a line for each map', async () => {
    const file = path.join(folder, `${name}.json`);
    const result = await run('observed_map.mjs', { env: { MPI_FUTURES_TRACE: file, MPI_FUTURES_PROGRESS: '1' } }); // prettier-ignore
    expectStatus(result, 0);
    expect(result.stdout).toBe(sum);
    expect(result.stderr).toMatch(/^identity: 300 in [\d.]+ s, \d[\d.]*\/s$/m);
    expect(runsIn(file)).toBe(100);
    expect(faultsOf(eventsOf(file))).toEqual([]);
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

test('a trace may go to a pipe', () => {
  const env = { ...onThreads, MPI_FUTURES_TRACE: '/dev/stdout' };
  const command = ['-c', 'set -o pipefail; "$@" | cat', '-', process.execPath, programFile('observed_map.mjs')]; // prettier-ignore
  const { stdout, status } = spawnSync('bash', command, { env, encoding: 'utf8' });
  expect(stdout).toContain(sum);
  expect(stdout.match(/"cat":"run"/g)).toHaveLength(100);
  expect(status).toBe(0);
});

test.each([[[]], [['leave']]])(
  'a trace that is too large is a warning, also at the exit: %j',
  (args) => {
    const file = path.join(folder, `large${args.length}.json`);
    // A file of 1 KB at most: what is written is refused, as on a full disk.
    const command = ['-c', 'ulimit -f 1 && exec "$@"', '-', process.execPath, programFile('observed_map.mjs'), ...args]; // prettier-ignore
    const env = { ...onThreads, MPI_FUTURES_TRACE: file };
    const { stdout, stderr, status } = spawnSync('bash', command, { env, encoding: 'utf8' });
    expect([stdout, status]).toEqual([sum, 0]);
    const warnings = stderr.match(/The trace cannot be written.*/g);
    expect(warnings).toEqual([expect.stringContaining(`to ${file} (MPI_FUTURES_TRACE): EFBIG`)]);
    expect(statSync(file).size).toBeGreaterThan(0);
  },
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
    spawnSync(process.execPath, [LAUNCHER, 'report', ...args], { encoding: 'utf8', cwd: folder });
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

  const expected = "is no trace: expected JSON of Chrome's trace viewer but received";
  test.each([
    ['a file that is not there', '/nowhere.json', 'The trace /nowhere.json cannot be read: ENOENT: no such file or directory, open \'/nowhere.json\''], // prettier-ignore
    ['a folder', '/', 'The trace / cannot be read: EISDIR: illegal operation on a directory, read'],
    ['an empty file', '/dev/null', `/dev/null ${expected} an empty file`],
    ['a device that never ends', '/dev/zero', `/dev/zero ${expected} ' …'`],
    ['a program', __filename, `${__filename} ${expected} 'import { execFileSync, spawn, …'`],
    ['other JSON', 'other.json', `other.json ${expected} '{ "name": "x", "list": [1,…'`],
    ['JSON of one line that is cut off', 'cut.json', `cut.json ${expected} '{"displayTimeUnit":"ms","trace…', which is cut off or damaged`], // prettier-ignore
    ['a trace without an event', 'none.json', 'none.json has no times of workers: expected a file of MPI_FUTURES_TRACE, mpi-futures --trace or pool.trace().write()'], // prettier-ignore
  ])('of %s is one clear sentence', (_, file, message) => {
    writeFileSync(
      path.join(folder, 'other.json'),
      '{\n  "name": "x",\n  "list": [1, null, {}]\n}\n',
    );
    writeFileSync(
      path.join(folder, 'cut.json'),
      '{"displayTimeUnit":"ms","traceEvents":[{"name":"a","ph":"X"',
    );
    writeFileSync(
      path.join(folder, 'none.json'),
      '{"displayTimeUnit":"ms","traceEvents":[\n\n]}\n',
    );
    const { stdout, stderr, status } = command(file);
    expect(stderr).toBe(`mpi-futures: ${message}\n`);
    expect([stdout, status]).toEqual(['', 1]);
  });

  test.each([
    ['/nowhere/page.html', "ENOENT: no such file or directory, open '/nowhere/page.html'"],
    ['/dev/full', 'ENOSPC: no space left on device, write'],
  ])('a page that cannot be written to %s', (page, why) => {
    const { stdout, stderr, status } = command(trace, '--out', page);
    expect(stderr).toBe(`mpi-futures: The report cannot be written to ${page}: ${why}\n`);
    expect([stdout, status]).toEqual(['', 1]);
  });

  test('a page does not replace the trace', () => {
    const before = readFileSync(trace);
    const { stderr, status } = command(trace, '--out', `./${path.basename(trace)}`);
    expect(stderr).toMatch(/^mpi-futures: The report would replace the trace .*\n$/);
    expect(status).toBe(1);
    expect(readFileSync(trace).equals(before)).toBe(true);
  });

  test('what it prints is one sentence where the disk is full; the page is there', () => {
    const page = path.join(folder, 'full.html');
    const full = openSync('/dev/full', 'w');
    const { stderr, status } = spawnSync(process.execPath, [LAUNCHER, 'report', trace, '--out', page], { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] }); // prettier-ignore
    closeSync(full);
    expect(stderr).toBe('mpi-futures: the output cannot be written: ENOSPC: no space left on device, write\n'); // prettier-ignore
    expect(status).toBe(1);
    expect(readFileSync(page, 'utf8')).toMatch(/<\/html>\n$/);
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

    test('is dark where the system is', async () => {
      const page = trace.replace(/json$/, 'html');
      command(trace, '--out', page);
      const { corner } = await lookAt(page, 'report-dark', { dark: true });
      expect(Math.max(...corner)).toBeLessThan(64);
      expect((await lookAt(page, 'report')).corner).toEqual([255, 255, 255]);
    });

    test('fits into a narrow window: its tables scroll in boxes of their own', async () => {
      const page = path.join(folder, 'narrow.html');
      command(trace, '--out', page);
      const measure = `for (const box of document.querySelectorAll('.wide')) box.title = box.scrollWidth > box.clientWidth ? 'scrolls' : 'fits';
        document.body.title = document.documentElement.scrollWidth <= innerWidth ? 'fits' : 'too wide';`;
      writeFileSync(page, `${readFileSync(page, 'utf8')}<script>${measure}</script>`);
      const { html } = await lookAt(page, 'report-narrow', { width: 500 });
      expect(html).toContain('<body title="fits">');
      expect(html.match(/<div class="wide" [^>]*title="scrolls">/g)?.length).toBeGreaterThan(1);
    });
  });
});
