import fc from 'fast-check';
import { chunkOf, hasColumns, listsOf } from '../../lib/tasks/chunks.js';

test('the calls of a chunk arrive as they were, also those with different numbers of arguments', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.anything()), { minLength: 1 }), (lists) => {
      expect(listsOf(chunkOf(lists))).toEqual(lists);
    }),
  );
});

test.each([
  ['one argument', [[1], [2], [3]], [3, [1, 2, 3]]],
  [
    'two arguments',
    [
      [1, 'a'],
      [2, 'b'],
    ],
    [2, [1, 2], ['a', 'b']],
  ],
  ['no argument', [[], []], [2]],
])('calls with %s are columns', (_, lists, columns) => {
  expect(chunkOf(lists)).toEqual(columns);
  expect(hasColumns(chunkOf(lists))).toBe(true);
  expect(listsOf(chunkOf(lists))).toEqual(lists);
});

test('calls with different numbers of arguments are lists', () => {
  const lists = [[1], [2, 3], []];
  expect(chunkOf(lists)).toEqual([lists]);
  expect(hasColumns(chunkOf(lists))).toBe(false);
});
