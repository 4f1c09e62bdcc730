/** Run times that a pool has learnt hold for all functions of one place in the source, whatever they capture. */
import { setTimeout as sleep } from 'node:timers/promises';

import { TaskEncoder } from '../../lib/executors/task_encoder.js';
import { programFunctions } from '../../lib/pool/functions.js';
import type { PoolTask } from '../../lib/pool/pool_task.js';
import { IncomingFunctions } from '../../lib/functions/incoming_functions.js';
import type { ModuleAccess } from '../../lib/functions/module_access.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import { poolOfOne } from './simulated_workers.js';

const encoder = new TaskEncoder(programFunctions, undefined, true);

const adding = (offset: number) => (x: number) => x + offset;
const multiplying = (factor: number) => (x: number) => x * factor;

type Fn = (x: number) => number;

/** A task of a map with `fn`. */
function ofMap(fn: Fn): PoolTask {
  return encoder.encode(encoder.freeze(fn), [1], false, plainSnapshot);
}

function ofSubmit(fn: Fn): PoolTask {
  return encoder.encode(fn, [1], false, plainSnapshot);
}

test('maps that capture other values are of one kind, and each has its own function', () => {
  const [first, second] = [ofMap(adding(1)), ofMap(adding(2))];
  expect(first.kind).toBe(second.kind);
  expect(first.fn).not.toBe(second.fn);
  expect(ofMap(multiplying(1)).kind).not.toBe(first.kind);
});

test('a submitted function is of the kind of a map with it', () => {
  expect(ofSubmit(adding(3)).kind).toBe(ofMap(adding(4)).kind);
});

test('arguments that are left out at the end cost a task no more than none', () => {
  const fn: (...args: unknown[]) => void = () => undefined;
  const valueOf = (...args: unknown[]) => encoder.encode(fn, args, false, plainSnapshot).value;
  expect(valueOf(undefined)).toBe('[]');
  expect(valueOf(1, undefined, undefined)).toBe('[1]');
  expect(valueOf(undefined, 1)).toBeInstanceOf(Object);
});

test('bound functions are of the kind of their targets', () => {
  const add = adding(1);
  for (const task of [ofSubmit, ofMap]) {
    expect(task(add.bind(null, 1)).kind).toBe(ofSubmit(add).kind);
    expect(task(add.bind(null, 1).bind(null)).kind).toBe(ofSubmit(add).kind);
    expect(task(multiplying(2).bind(null, 1)).kind).not.toBe(ofSubmit(add).kind);
  }
  expect(ofSubmit(Math.abs.bind(null, 1)).kind).toBe(ofSubmit(Math.abs).kind);
});

test('a worker finds the kind of what it is sent for a map', () => {
  const call = ofMap(adding(5));
  const incoming = new IncomingFunctions({} as ModuleAccess, () => () => undefined);
  expect(incoming.kindOf(call.kind)).toBe(call.kind);
  incoming.define(programFunctions.definition(call.fn));
  expect(incoming.kindOf(call.fn)).toBe(call.kind);
  incoming.forget(call.fn);
  expect(incoming.kindOf(call.kind)).toBe(call.kind);
});

test('what has proved to be short is sent ahead, also when it captures something else', async () => {
  const { workers, client } = await poolOfOne();
  for (let offset = 0; offset < 3; offset++) {
    void client.submit(ofMap(adding(offset)), null);
    await sleep(1);
    workers.answers(workers.tasks.at(-1)!);
  }
  const before = workers.tasks.length;
  for (let offset = 10; offset < 13; offset++) void client.submit(ofMap(adding(offset)), null);
  await sleep(1);
  expect(workers.tasks.length - before).toBe(3);
});
