/**
 * How many of its things native code has now (channels, communicators, mailboxes), and how many receivers of channels there
 * are in JavaScript. The addon must have been loaded.
 */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import workerThreads from 'node:worker_threads';

export function nativeCounts() {
  const modules = Object.entries(createRequire(import.meta.url).cache);
  const [, { exports: addon }] = modules.find(([file]) => file.endsWith('.node'));
  const { byVersion } = workerThreads[Symbol.for('mpi-futures.process')];
  const receivers = Object.keys(Object.values(byVersion)[0].channels).length;
  return { ...addon.counts(), receivers };
}

/** MPI's thread frees a moment after JavaScript was told. */
const longestMoment = 20_000;

/** Of none of them are there more than before. */
export async function assertNoMoreThan(before) {
  const areMore = () => Object.entries(nativeCounts()).some(([name, n]) => n > before[name]);
  const end = Date.now() + longestMoment;
  while (areMore() && Date.now() < end) await sleep(10);
  if (areMore()) assert.deepEqual(nativeCounts(), before);
}
