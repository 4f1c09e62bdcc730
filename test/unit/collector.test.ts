import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ObservedCollector } from '../../lib/worker/collector.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;

test('collections of garbage are told of together', async () => {
  const told: number[] = [];
  const collector = new ObservedCollector((collections) => told.push(collections.length));
  const sum = (): number => told.reduce((total, count) => total + count, 0);
  const start = performance.now();
  const turns = 30;
  for (let turn = 0; turn < turns; turn++) {
    collectGarbage({ type: 'minor' });
    await nextTurn();
  }
  while (sum() < turns && performance.now() - start < 60_000) await sleep(10);
  const most = 1 + (performance.now() - start) / 90; // one in 100 ms
  expect(sum()).toBeGreaterThanOrEqual(turns);
  expect(told.length).toBeLessThanOrEqual(most);

  collector.stop();
  const { length } = told;
  collectGarbage({ type: 'minor' });
  await sleep(1);
  collector.tell();
  expect(told).toHaveLength(length);
});
