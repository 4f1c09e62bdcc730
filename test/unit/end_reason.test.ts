import { endReason as reasonOf } from '../../lib/workers/end_reason.js';

const endReason = (written: string, pid: number, said = '') => reasonOf({ said, written }, pid);

const full = `
<--- Last few GCs --->

[907:0x3593bce0]      576 ms: Mark-Compact 32.4 (65.9) -> 32.4 (65.9) MB, 18.55 / 0.01 ms
[907:0x3593bce0]      611 ms: Mark-Compact 39.2 (72.8) -> 39.2 (72.8) MB, 28.42 / 0.00 ms

<--- JS stacktrace --->

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/usr/bin/node]
 2: 0x10fb205  [/usr/bin/node]
`;
const killed = `[node7:00907] *** Process received signal ***
[node7:00907] Signal: Segmentation fault (11)
[node7:00907] Signal code: Address not mapped (1)
[node7:00907] [ 0] /lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7f643625a050]
[node7:00907] *** End of error message ***
`;

describe('the last words of a process', () => {
  test('V8 has had no memory', () => {
    const { why, cause, stderr } = endReason(full, 907, 'told before\n');
    expect(why).toBe('Reached heap limit Allocation failed - JavaScript heap out of memory');
    expect(cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY', message: why });
    expect(stderr).toMatch(/^told before\n/);
    expect(stderr).toMatch(/out of memory$/);
  });

  test('Open MPI adds the signal, which V8 has explained', () => {
    const text = full + killed.replace('Segmentation fault (11)', 'Aborted (6)');
    expect(endReason(text, 907).why).toMatch(/out of memory$/);
  });

  test('a signal alone', () => {
    const { why, cause, stderr } = endReason(killed, 907);
    expect(why).toBe('Segmentation fault (signal 11)');
    expect(cause).toBeUndefined();
    expect(stderr).toBeUndefined();
  });

  test.each([
    ['an error of V8 in a child process', full, 4711],
    ['a signal in a child process', killed, 4711],
    ['a child process with no memory, after which others went on', `${full}going on\n`, 907],
    ['what a task has printed', '', 907, full],
    ['nothing', '', 907],
    ['something', 'FATAL: not of V8\n', 907],
  ])('no reason rather than a wrong one: %s', (_, text, pid, said = '') => {
    const { why, cause } = endReason(text, pid, said);
    expect(why).toBeUndefined();
    expect(cause).toBeUndefined();
  });

  test('only the last lines are kept', () => {
    const { stderr } = endReason('line\n'.repeat(1000) + 'x'.repeat(3000), 1);
    expect(stderr).toBe('x'.repeat(2000));
    expect(endReason('line\n'.repeat(1000), 1).stderr).toBe('line\n'.repeat(20).trimEnd());
  });
});
