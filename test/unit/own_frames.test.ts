import { packageFile, packageUrl } from '../../lib/package_files.js';
import {
  withoutFramesOfCall,
  withoutFramesOfCalls,
  withoutOwnFrames,
} from '../../lib/own_frames.js';

const program = [
  '    at f (file:///home/user/app.mjs:3:5)',
  '    at async file:///home/user/app.mjs:9:1',
];
const own = [
  `    at callTheirs (${packageUrl('dist/chunks/serving-abc.js')}:119:10)`,
  `    at async TaskLoop.run (${packageFile('lib/worker/task_loop.ts')}:119:10)`,
];
const node = [
  '    at listOnTimeout (node:internal/timers:581:17)',
  '    at node:internal/main/worker_thread:1:2',
];
const neither = ['    at new Promise (<anonymous>)', '    at async Promise.all (index 0)'];
const stack = (...frames: string[]): string => ['Error: of two', 'lines', ...frames].join('\n');

test.each([
  ['below the program', [...program, ...own], program],
  ['of Node.js, and those without a place', [...program, ...neither, ...own, ...node], program],
  [
    'not those in between',
    [...own, ...program, ...node, ...program, ...own],
    [...own, ...program, ...node, ...program],
  ],
  [
    'not those of a worker of another pool',
    [...own, '    at worker 0 of 1 on host'],
    [...own, '    at worker 0 of 1 on host'],
  ],
  ['none where there is none of the program', [...own, ...node], [...own, ...node]],
  [
    'from the call of a built-in function on',
    ['    at JSON.parse (<anonymous>)', ...own, ...node],
    ['    at JSON.parse (<anonymous>)'],
  ],
  ['none of none', [], []],
])('leaves out frames: %s', (_, frames, left) => {
  expect(withoutOwnFrames(stack(...frames))).toBe(stack(...left));
});

test.each([
  ['as those of one that is thrown', [...program, ...own, ...node], program],
  ['none where this package has not called', [...program, ...node], [...program, ...node]],
  ['none of its own errors', own, own],
])('of an error that was not thrown: %s', (_, frames, left) => {
  expect(withoutFramesOfCall(stack(...frames))).toBe(stack(...left));
});

test('of each error that a text shows', () => {
  const deeper = (frames: readonly string[]): string =>
    frames.map((each) => `  ${each}`).join('\n');
  const shown = (below: readonly string[], alike: readonly string[]): string =>
    [
      'Error: outer',
      `${[...program, ...alike].join('\n')} {`,
      '  [cause]: AggregateError: inner',
      `${deeper([...program, ...below])} {`,
      '    [errors]: [',
      '      Error: first',
      `${deeper([...program, ...below])},`,
      '      Error: second',
      deeper([...program, ...below]),
      '    ]',
      '  }',
      '}',
    ].join('\n');
  const alike = ['    ... 7 lines matching cause stack trace ...', own[1]!];
  expect(withoutFramesOfCalls(shown([...own, ...node], alike))).toBe(shown([], []));
});
