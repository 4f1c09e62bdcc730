import { closestName } from '../../lib/closest_name.js';

const known = ['chunkSize', 'bufferSize', 'timeout', 'unordered', 'signal', 'maxWorkers'];

test.each([
  ['chunksize', 'chunkSize'],
  ['chunk_size', 'chunkSize'],
  ['buffer-size', 'bufferSize'],
  ['time_out', 'timeout'],
  ['timeuot', 'timeout'],
  ['unorderd', 'unordered'],
  ['maxWorker', 'maxWorkers'],
  ['MAX_WORKERS', 'maxWorkers'],
  ['singal', 'signal'],
  ['isgnal', 'signal'],
])('%s means %s', (name, meant) => {
  expect(closestName(name, known)).toBe(meant);
});

test.each(['', 'x', 'colour', 'workers'])('%p is near none', (name) => {
  expect(closestName(name, known)).toBeUndefined();
});
