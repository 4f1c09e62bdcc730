/** Who has a task: its worker, or the master that calls it back. */
import { claimPlaces, Claims, claimsSize } from '../../lib/tasks/claims.js';

test('each task is one side’s, whoever claims first', () => {
  const memory = new ArrayBuffer(claimsSize);
  const [worker, master] = [new Claims(memory), new Claims(memory)];
  expect([worker.claim(1), master.claim(1), worker.claim(1)]).toEqual([true, false, false]);
  expect([master.claim(2), worker.claim(2)]).toEqual([true, false]);
});

test('both sides know whether a task was claimed', () => {
  const memory = new ArrayBuffer(claimsSize);
  const [worker, master] = [new Claims(memory), new Claims(memory)];
  expect([worker.has(1), master.has(1)]).toEqual([false, false]);
  worker.claim(1);
  expect([worker.has(1), master.has(1), master.has(1 + claimPlaces)]).toEqual([true, true, false]);
});

test('a task that was called back stays so when a later one has its place', () => {
  const claims = new Claims(new ArrayBuffer(claimsSize));
  expect(claims.claim(5)).toBe(true);
  expect(claims.claim(5 + claimPlaces)).toBe(true);
  expect(claims.claim(5)).toBe(false);
});

test('ids may grow beyond what a word holds', () => {
  const claims = new Claims(new ArrayBuffer(claimsSize));
  for (let id = 7; id < 2 ** 33; id += claimPlaces * 999_983) {
    expect([claims.claim(id), claims.claim(id)]).toEqual([true, false]);
  }
});
