/**
 * What a core does without any pool: the tasks that it is told of, one after the other in a loop. Forked by
 * workloads/bare_processes.mjs.
 */

import { work } from './tasks.mjs';

// The same of all processes of a host; read faster than `process.hrtime`.
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
const clock = () => offset + performance.now();

process.on('message', ({ tasks, start }) => {
  const ends = new Array(tasks.length);
  let odd = 0;
  while (clock() < start);
  const began = clock();
  for (let i = 0; i < tasks.length; i++) {
    odd += work(tasks[i]);
    ends[i] = clock();
  }
  process.send({ began, ends, odd });
});

process.send('ready');
