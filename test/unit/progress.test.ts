import { ProgressCounter, type MapProgress } from '../../lib/progress/map_progress.js';
import { durationText, progressLine, progressSentence } from '../../lib/progress/progress_text.js';
import { columnsVariable, showBar, showLines } from '../../lib/progress/stderr_display.js';

const half: MapProgress = {
  label: 'simulate',
  done: 450,
  total: 1000,
  elapsed: 60_000,
  rate: 7.5,
  timeLeft: 73_333,
  ended: false,
};
const endless: MapProgress = { ...half, total: undefined, timeLeft: undefined };
const ended: MapProgress = { ...half, done: 1000, timeLeft: 0, ended: true };

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test.each([
  [
    100,
    half,
    'simulate [##################----------------------] 45% 1:13 min left 450/1000 7.5/s',
  ],
  [60, half, 'simulate [######---------] 45% 1:13 min left 450/1000 7.5/s'],
  [40, half, 'simulate 45% 1:13 min left 450/1000'],
  [20, half, '45% 1:13 min left'],
  [8, half, '45%'],
  [40, endless, 'simulate 450 7.5/s'],
  [20, endless, 'simulate 450 7.5/s'],
  [20, { ...half, label: 'a very long label' }, '45% 1:13 min left'],
  [20, { ...endless, label: 'a very long label' }, 'a very l… 450 7.5/s'],
  [60, ended, 'simulate [##################] 100% 1:00 min 1000/1000 7.5/s'],
  [
    100,
    { ...half, done: 0, total: 0, timeLeft: undefined, rate: 0 },
    'simulate [########################################] 100% 0/0 0/s',
  ],
])('a bar of %d columns', (columns, progress, expected) => {
  const line = progressLine(progress, columns);
  expect(line).toBe(expected);
  expect(line.length).toBeLessThan(columns);
});

test('no label moves the cursor, breaks the line, or turns what follows', () => {
  const label = 'a\n\u001b[2J\u202eb';
  expect(progressLine({ ...endless, label }, 80)).toBe('a [2J b 450 7.5/s');
  expect(progressSentence({ ...endless, label })).toBe('a [2J b: 450 in 1:00 min, 7.5/s');
});

test.each([
  ['模拟计算', 19, '模拟计算 450 7.5/s'], // 8 columns for 4 characters
  ['模拟计算', 18, '模拟计… 450 7.5/s'],
  ['模拟计算', 17, '模拟… 450 7.5/s'],
  ['🧪🧪🧪🧪', 16, '🧪🧪… 450 7.5/s'],
  ['cafe\u0301', 17, 'cafe\u0301 450 7.5/s'],
])('a label of wide characters, %s, has room in %d columns', (label, columns, expected) => {
  expect(progressLine({ ...endless, label }, columns)).toBe(expected);
});

test.each([
  [half, 'simulate: 450 of 1000 (45%) in 1:00 min, 7.5/s, 1:13 min left'],
  [endless, 'simulate: 450 in 1:00 min, 7.5/s'],
  [ended, 'simulate: 1000 in 1:00 min, 7.5/s'],
  [{ ...half, ended: true }, 'simulate: 450 of 1000 in 1:00 min, 7.5/s'],
  [{ ...endless, rate: 0.2 }, 'simulate: 450 in 1:00 min, 12.0/min'],
])('a sentence', (progress, expected) => {
  expect(progressSentence(progress)).toBe(expected);
});

test.each([
  [0, '0.0 s'],
  [9940, '9.9 s'],
  [9960, '10 s'],
  [59_600, '1:00 min'],
  [3_599_000, '59:59 min'],
  [7_860_000, '2:11 h'],
])('%d ms in words', (milliseconds, expected) => {
  expect(durationText(milliseconds)).toBe(expected);
});

test('lines come at growing intervals, and at the end', () => {
  const written: string[] = [];
  const show = showLines((text) => written.push(text));
  for (let elapsed = 0; elapsed < 400_000; elapsed += 1000) show({ ...half, elapsed });
  show({ ...ended, elapsed: 400_000 });
  const times = written.map((line) => /in (.*?),/.exec(line)![1]);
  expect(times).toEqual(['10 s', '20 s', '40 s', '1:20 min', '2:20 min', '3:20 min', '4:20 min', '5:20 min', '6:20 min', '6:40 min']); // prettier-ignore
});

test('of several bars the first one has the line, until it has ended', () => {
  let written = '';
  const write = (text: string) => void (written += text);
  const [one, two] = [showBar(() => 20, write), showBar(() => 20, write)];
  const progress = { ...endless, rate: 0, label: 'one' };
  one(progress);
  two({ ...progress, label: 'two' });
  one({ ...progress, done: 451 });
  one({ ...progress, done: 452, ended: true, elapsed: 1000 });
  two({ ...progress, done: 453, ended: true, label: 'two', elapsed: 1000 });
  // eslint-disable-next-line no-control-regex -- the control characters that place the cursor
  const lines = written.split(/\u001b\[1G\u001b\[2K/);
  expect(lines).toEqual(['', 'one 450 0/s', 'one 451 0/s', 'one 452 1.0 s 0/s\n', 'two 450 0/s', 'two 453 1.0 s 0/s\n']); // prettier-ignore
});

test('a map that reports no more leaves the line to the others', () => {
  jest.useFakeTimers();
  let written = '';
  const write = (text: string) => void (written += text);
  const [dropped, next] = [showBar(() => 40, write), showBar(() => 40, write)];
  dropped({ ...endless, label: 'dropped' });
  next({ ...endless, label: 'next' });
  expect(written).not.toMatch('next');
  jest.advanceTimersByTime(60_000);
  next({ ...endless, label: 'next' });
  expect(written).toMatch('next');
  next({ ...ended, label: 'next' });
  expect(written.endsWith('\n')).toBe(true);
});

test('a draw is one write, and any number of maps leave no listener at stderr', () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const before = process.stderr.listenerCount('error');
  for (let map = 0; map < 20; map++) showBar(() => 40)(ended);
  expect(write).toHaveBeenCalledTimes(20);
  expect(process.stderr.listenerCount('error')).toBe(before);
});

test('the columns of the command are for its ranks, and not for what these start', async () => {
  process.env[columnsVariable] = '60';
  await jest.isolateModulesAsync(async () => {
    const { forgetHandover } = await import('../../lib/cli/launch_handover.js');
    const { showOnStderr } = await import('../../lib/progress/stderr_display.js');
    forgetHandover();
    expect(process.env[columnsVariable]).toBeUndefined();
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    showOnStderr()(half);
    expect(write.mock.calls[0]![0]).toMatch('simulate [######---------] 45%');
  });
});

describe('the count of a map', () => {
  const counted = (total: number | undefined): [ProgressCounter, MapProgress[]] => {
    const shown: MapProgress[] = [];
    return [new ProgressCounter('f', total, (progress) => shown.push(progress)), shown];
  };

  test('ends when the last call of a known number is done', () => {
    const [counter, shown] = counted(3);
    counter.submitted(3);
    counter.allSubmitted();
    counter.done(1);
    counter.done(2);
    counter.end();
    expect(shown.at(-1)).toMatchObject({ label: 'f', done: 3, total: 3, timeLeft: 0, ended: true });
    expect(shown.filter(({ ended: isLast }) => isLast)).toHaveLength(1);
  });

  test('has no total before the sources have ended', () => {
    const [counter, shown] = counted(undefined);
    counter.submitted(1);
    counter.done(1);
    expect(shown).toMatchObject([{ done: 1, total: undefined, timeLeft: undefined, ended: false }]);
    counter.allSubmitted();
    expect(shown.at(-1)).toMatchObject({ done: 1, total: 1, ended: true });
  });

  test('has no total when the source grows, and ends with all of it', () => {
    const [counter, shown] = counted(2);
    counter.submitted(2);
    counter.done(2);
    expect(shown.at(-1)).toMatchObject({ done: 2, total: 2, ended: false });
    counter.submitted(1);
    counter.done(1);
    counter.submitted(1);
    counter.allSubmitted();
    counter.done(1);
    expect(shown.at(-1)).toMatchObject({ done: 4, total: 4, ended: true });
    const faults = shown.filter(({ done, total }) => total !== undefined && done > total);
    expect(faults).toEqual([]);
    for (const progress of shown) expect(() => progressLine(progress, 80)).not.toThrow();
  });

  test('is shown each second while calls run, and the time left is counted down', () => {
    jest.useFakeTimers();
    const [counter, shown] = counted(4);
    const lines: string[] = [];
    const show = showLines((text) => lines.push(text));
    const minute = 60_000;
    counter.submitted(4);
    jest.advanceTimersByTime(minute);
    expect(shown.length).toBeGreaterThanOrEqual(59);
    for (const progress of shown) show(progress);
    expect(lines[0]).toMatch(/^f: 0 of 4 \(0%\) in 1\d s, 0\/s\n$/);
    counter.done(2);
    jest.advanceTimersByTime(minute / 2);
    expect(shown.at(-1)!.timeLeft).toBeGreaterThan(minute / 2 - 1001);
    expect(shown.at(-1)!.timeLeft).toBeLessThanOrEqual(minute / 2 + 1001);
    jest.advanceTimersByTime(minute);
    expect(shown.at(-1)!.timeLeft).toBeUndefined();
    counter.done(2);
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    jest.advanceTimersByTime(minute);
    expect(jest.getTimerCount()).toBe(0); // nobody may have this map any more
  });

  test('is shown at most ten times in a second', () => {
    const [counter, shown] = counted(1e5 + 1);
    counter.submitted(1e5);
    for (let call = 0; call < 1e5; call++) counter.done(1);
    counter.end();
    expect(shown.at(-1)).toMatchObject({ done: 1e5, total: 1e5 + 1, ended: true });
    expect(shown.length - 2).toBeLessThanOrEqual(shown.at(-1)!.elapsed / 100);
  });
});
