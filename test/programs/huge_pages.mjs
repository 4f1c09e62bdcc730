/** Large buffers arrive in memory for which huge pages were asked, on both sides: Linux shows that in /proc/self/smaps. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

/** In bytes. Above 32 MiB the C library maps each piece of memory for itself. */
const ofArgument = 48 << 20;
const ofResult = 64 << 20;
const hugePage = 2 << 20;

/** Whether this process has asked for huge pages for memory of that size, of all its whole huge pages. */
function hasHugePagesFor(size) {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return mappings.some((text) => {
    const [, begin, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(text);
    const length = parseInt(end, 16) - parseInt(begin, 16);
    const isAligned = parseInt(begin, 16) % hugePage === 0 && length % hugePage === 0;
    const isAsked = /^VmFlags:.* hg\b/m.test(text);
    return isAsked && isAligned && length > size - 2 * hugePage && length <= size;
  });
}

function inspected(bytes) {
  return [hasHugePagesFor(bytes.length), bytes.length, bytes.at(0), bytes.at(-1)];
}

function made(length) {
  return new Uint8Array(length).fill(7);
}

if (isMain) {
  const pool = new PoolExecutor(1);

  await check('a large argument', async () => {
    const argument = new Uint8Array(ofArgument).fill(5);
    assert.equal(hasHugePagesFor(ofArgument), false);
    assert.deepEqual(await pool.submit(inspected, argument), [true, ofArgument, 5, 5]);
  });

  await check('a large result', async () => {
    assert.equal(hasHugePagesFor(ofResult), false);
    const result = await pool.submit(made, ofResult);
    assert.deepEqual(inspected(result), [true, ofResult, 7, 7]);
  });

  await pool.shutdown();
}
