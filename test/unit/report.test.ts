/** What `mpi-futures report` says about a trace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { adviceOn } from '../../lib/cli/report/advice.js';
import { analyse } from '../../lib/cli/report/analysis.js';
import { pageOf } from '../../lib/cli/report/page.js';
import { readTrace } from '../../lib/cli/report/read_trace.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A trace of runs of 100 µs, one after another, and what is said about it. */
function reportOn(name: string, args: object, count = 60) {
  const file = path.join(folder, 'run.json');
  const run = (at: number) => ({ name, ph: 'X', pid: 1, tid: 1, cat: 'run', ts: 100 * at, dur: 100, args }); // prettier-ignore
  writeFileSync(file, JSON.stringify(Array.from({ length: count }, (_, at) => run(at))));
  const workers = readTrace(file);
  const figures = analyse(workers);
  const advice = adviceOn(figures);
  return { figures, advice, page: pageOf('run.json', workers, figures, advice) };
}

test('short tasks should be chunks', () => {
  const { advice } = reportOn('square', {});
  expect(advice).toEqual([
    'Tasks of 100 µs (square): use chunkSize. map(square, …, { chunkSize: 20 }) sends 20 calls as one task.',
  ]);
});

test('short chunks should be larger ones: it is their calls that count', () => {
  const { figures, advice } = reportOn('square', { calls: 10 });
  expect(figures.functions).toEqual([expect.objectContaining({ tasks: 60, calls: 600 })]);
  expect(advice).toEqual([
    'Tasks of 100 µs (square, some 10 calls each): use a larger chunkSize. map(square, …, { chunkSize: 200 }) sends 200 calls as one task.',
  ]);
});

test('the name of a function does not reach the terminal as it is', () => {
  const { advice, page } = reportOn(`\u001b[2J\n\u202ename${'x'.repeat(1000)}`, {});
  expect(advice.join('')).toMatch(/^Tasks of 100 µs \(\ufffd\[2J\ufffd\ufffdnamex+…\)/);
  for (const text of [...advice, page])
    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
  expect(advice.join('').length).toBeLessThan(400);
});

test('a part of a task is said to be one', () => {
  expect(reportOn('long', { partial: true }, 1).page).toContain('>long (a part)</td>');
  expect(reportOn('long', {}, 1).page).not.toContain('a part');
});
