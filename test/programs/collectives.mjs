/** Collective operations: what they give on each rank, and that a wrong call is an error on all of them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BAND, BOR, BXOR, COMM_WORLD, LAND, LOR, MAX, MIN, PROD, SUM } from 'mpi-futures/mpi';
import { check, unable } from './on_all_ranks.mjs';
import { classes, floatClasses, integerClasses, range } from './typed_arrays.mjs';

const comm = await COMM_WORLD.dup();
const { rank, size } = comm;
const ranks = Array.from({ length: size }, (_, rank) => rank);
const last = size - 1;
const values = (rank) => [
  rank,
  `rank ${rank}`,
  { list: new Array(rank).fill(rank) },
  rank % 2 ? null : new Map([[rank, 1n]]),
];

await check('barrier waits for all', async () => {
  // The last rank comes only when the first one has waited for a while.
  if (rank === last && size > 1) await comm.recv(0);
  let passed = false;
  const barrier = comm.barrier().then(() => (passed = true));
  if (rank === 0 && size > 1) {
    await sleep(50);
    const early = passed;
    await comm.send('come', last);
    assert.equal(early, false);
  }
  await barrier;
});

await check('bcast of values, from every root', async () => {
  for (const root of ranks) {
    for (const [index, value] of values(rank).entries()) {
      assert.deepEqual(await comm.bcast(value, root), values(root)[index]);
    }
    assert.equal(await comm.bcast(rank === root ? undefined : 1, root), undefined);
    const long = 'long '.repeat(100_000);
    assert.equal(await comm.bcast(rank === root ? long : undefined, root), long);
  }
});

await check('bcast of typed arrays, new or into those that are there', async () => {
  for (const Class of classes) {
    for (const length of [0, 3, 50_001]) {
      const expected = range(Class, last, length % 127);
      const created = await comm.bcast(rank === last ? expected : undefined, last);
      assert.equal(created.constructor, Class);
      assert.deepEqual(created, expected);
      const filled = rank === last ? expected : new Class(expected.length);
      assert.equal(await comm.bcast(filled, last), filled);
      assert.deepEqual(filled, expected);
    }
  }
  const part = new Int32Array(5).fill(rank);
  await comm.bcast(part.subarray(1, 4), 0);
  assert.deepEqual(part, Int32Array.of(rank, 0, 0, 0, rank));
  const shared = new Int32Array(new SharedArrayBuffer(12)).fill(rank + 1);
  assert.deepEqual(await comm.bcast(shared, 0), new Int32Array(new SharedArrayBuffer(12)).fill(1));
});

await check('gather', async () => {
  for (const root of [0, last]) {
    for (const [index, value] of values(rank).entries()) {
      const gathered = await comm.gather(value, root);
      if (rank === root)
        assert.deepEqual(
          gathered,
          ranks.map((rank) => values(rank)[index]),
        );
      else assert.equal(gathered, null);
    }
    for (const Class of classes) {
      const equal = await comm.gather(range(Class, rank, 4), root);
      const different = await comm.gather(range(Class, rank, rank), root);
      const expected = (lengthOf) => ranks.map((rank) => range(Class, rank, lengthOf(rank)));
      assert.deepEqual(equal, rank === root ? expected(() => 4) : null);
      assert.deepEqual(different, rank === root ? expected((rank) => rank) : null);
    }
  }
});

await check('allgather', async () => {
  for (const [index, value] of values(rank).entries()) {
    assert.deepEqual(
      await comm.allgather(value),
      ranks.map((rank) => values(rank)[index]),
    );
  }
  for (const Class of classes) {
    const equal = await comm.allgather(range(Class, rank, 3));
    assert.deepEqual(
      equal,
      ranks.map((rank) => range(Class, rank, 3)),
    );
    const different = await comm.allgather(range(Class, rank, rank * 7));
    assert.deepEqual(
      different,
      ranks.map((rank) => range(Class, rank, rank * 7)),
    );
  }
});

await check('scatter', async () => {
  for (const root of [0, last]) {
    for (const [index] of values(0).entries()) {
      const given = rank === root ? ranks.map((rank) => values(rank)[index]) : undefined;
      assert.deepEqual(await comm.scatter(given, root), values(rank)[index]);
    }
    for (const Class of classes) {
      const list = ranks.map((rank) => range(Class, rank, rank + 1));
      assert.deepEqual(
        await comm.scatter(rank === root ? list : null, root),
        range(Class, rank, rank + 1),
      );
      const whole = range(Class, 0, 4 * size);
      assert.deepEqual(
        await comm.scatter(rank === root ? whole : null, root),
        range(Class, 4 * rank, 4),
      );
    }
    const set = new Set(ranks.map((rank) => `for ${rank}`));
    assert.equal(await comm.scatter(set, root), `for ${rank}`);
  }
});

await check('alltoall', async () => {
  const given = ranks.map((to) => ({ from: rank, to, text: 'x'.repeat(rank * to) }));
  const expected = ranks.map((from) => ({ from, to: rank, text: 'x'.repeat(rank * from) }));
  assert.deepEqual(await comm.alltoall(given), expected);
  for (const Class of classes) {
    const lists = await comm.alltoall(ranks.map((to) => range(Class, rank, to)));
    assert.deepEqual(
      lists,
      ranks.map((from) => range(Class, from, rank)),
    );
    const whole = await comm.alltoall(
      Class.from(ranks.flatMap((to) => [...range(Class, rank + to, 2)])),
    );
    assert.deepEqual(whole, Class.from(ranks.flatMap((from) => [...range(Class, rank + from, 2)])));
  }
});

const folds = new Map([
  [SUM, (a, b) => a + b],
  [PROD, (a, b) => a * b],
  [MIN, (a, b) => (a < b ? a : b)],
  [MAX, (a, b) => (a > b ? a : b)],
  [LAND, (a, b) => (a && b ? 1 : 0)],
  [LOR, (a, b) => (a || b ? 1 : 0)],
  [BAND, (a, b) => a & b],
  [BOR, (a, b) => a | b],
  [BXOR, (a, b) => a ^ b],
]);

/** By JavaScript, element by element. MPI knows no elements that are clamped. */
function folded(Class, arrays, fold) {
  if (Class === Uint8ClampedArray) {
    return Class.from(
      folded(
        Uint8Array,
        arrays.map((array) => Uint8Array.from(array)),
        fold,
      ),
    );
  }
  const isBig = Class === BigInt64Array || Class === BigUint64Array;
  return arrays.reduce((a, b) =>
    a.map((element, index) => {
      const result = fold(element, b[index]);
      return isBig ? BigInt(result) : result;
    }),
  );
}

await check('reductions of typed arrays: every class, every operation', async () => {
  for (const Class of [...integerClasses, ...floatClasses]) {
    const arrayOf = (rank) => range(Class, rank % 3, 5);
    for (const [op, fold] of folds) {
      if (floatClasses.includes(Class) && ![SUM, PROD, MIN, MAX].includes(op)) continue;
      const until = (rank) => folded(Class, ranks.slice(0, rank + 1).map(arrayOf), fold);
      const all = await comm.allreduce(arrayOf(rank), op);
      assert.equal(all.constructor, Class);
      if (size > 1) assert.deepEqual(all, until(last), `${Class.name} ${op.name}`);
      const reduced = await comm.reduce(arrayOf(rank), op, last);
      assert.deepEqual(reduced, rank === last ? all : null);
      if (rank > 0) assert.deepEqual(await comm.scan(arrayOf(rank), op), until(rank));
      else await comm.scan(arrayOf(rank), op);
    }
  }
  assert.deepEqual(await comm.allreduce(new Float64Array(0)), new Float64Array(0));
  assert.deepEqual(await comm.allreduce(Buffer.from([rank])), Buffer.from([(last * size) / 2]));
  const bits = await comm.allreduce(Uint8Array.of(1 << rank).buffer, BOR);
  assert.deepEqual(new Uint8Array(bits), Uint8Array.of(2 ** size - 1));
});

await check('reductions of a large typed array', async () => {
  const sum = await comm.allreduce(new Float64Array(300_000).fill(rank + 1));
  assert.ok(sum.every((element) => element === (size * (size + 1)) / 2));
  const big = await comm.allreduce(new BigInt64Array(2).fill(2n ** 53n + BigInt(rank)), MAX);
  assert.deepEqual(big, new BigInt64Array(2).fill(2n ** 53n + BigInt(last)));
});

await check('reductions of numbers, bigints, booleans and arrays of them', async () => {
  for (const [op, fold] of folds) {
    const numberOf = (rank) => (rank % 3) + 1;
    const expected = ranks
      .slice(0, rank + 1)
      .map(numberOf)
      .reduce(fold);
    if (size > 1 || ![LAND, LOR].includes(op)) {
      const scanned = await comm.scan(numberOf(rank), op);
      if (rank > 0) assert.equal(scanned, expected);
      assert.equal(await comm.allreduce(numberOf(rank), op), ranks.map(numberOf).reduce(fold));
    }
    const reduced = await comm.reduce([numberOf(rank), 5], op, last);
    if (rank !== last) assert.equal(reduced, null);
    else if (size > 1)
      assert.deepEqual(
        reduced,
        ranks.map((rank) => [numberOf(rank), 5]).reduce((a, b) => a.map((x, i) => fold(x, b[i]))),
      );
  }
  assert.equal(await comm.allreduce(rank), (last * size) / 2);
  assert.equal(await comm.allreduce(10n ** 30n * BigInt(rank + 1), MIN), 10n ** 30n);
  assert.equal(await comm.allreduce(rank === last, LOR), true);
  assert.equal(await comm.allreduce(rank === 0, LAND), size === 1);
  assert.deepEqual(await comm.allreduce([true, rank > 0], LOR), [true, size > 1]);
  assert.equal(await comm.allreduce(rank === last ? NaN : 1, MAX), NaN);
  assert.deepEqual(await comm.allreduce([]), []);
});

await check('functions get values in the order of the ranks', async () => {
  const join = (a, b) => `(${a} ${b})`;
  const all = ranks.map(String);
  assert.equal(await comm.allreduce(`${rank}`, join), all.reduce(join));
  assert.equal(await comm.scan(`${rank}`, join), all.slice(0, rank + 1).reduce(join));
  assert.equal(await comm.reduce(`${rank}`, join, last), rank === last ? all.reduce(join) : null);
  const longer = (a, b) => (b.length > a.length ? b : a);
  assert.deepEqual(await comm.allreduce(new Int8Array(rank), longer), new Int8Array(last));
  const merged = await comm.allreduce(new Map([[rank, 'x']]), (a, b) => new Map([...a, ...b]));
  assert.deepEqual([...merged.keys()], ranks);
});

await check('functions may be asynchronous', async () => {
  const join = async (a, b) => `(${a} ${b})`;
  const all = ranks.map(String).reduce((a, b) => `(${a} ${b})`);
  assert.equal(await comm.allreduce(`${rank}`, join), all);
  assert.equal(await comm.reduce(`${rank}`, join, last), rank === last ? all : null);
});

await check('an operation that throws', async () => {
  const fail = () => {
    throw new RangeError('no');
  };
  if (size > 1)
    await assert.rejects(comm.allreduce(1, fail), { name: 'RangeError', message: 'no' });
  await comm.barrier();
});

await check('many operations at once keep their order', async () => {
  const results = [];
  for (let index = 0; index < 100; index++) {
    const root = index % size;
    results.push(comm.bcast(rank === root ? index : undefined, root));
    results.push(comm.allreduce(Float64Array.of(index)).then(([sum]) => sum / size));
    results.push(comm.gather('x'.repeat(rank * index), root).then(() => index));
    if (index % 10 === 0)
      results.push(comm.bcast(new Float64Array(30_000).fill(index), 0).then(([first]) => first));
  }
  const expected = [];
  for (let index = 0; index < 100; index++)
    expected.push(...new Array(index % 10 === 0 ? 4 : 3).fill(index));
  assert.deepEqual(await Promise.all(results), expected);
});

/** On all ranks: an error of MPI's, or, on those that are wrong themselves, `own`. */
async function fails(operation, message, errorClass, { wrong = () => false, own } = {}) {
  const expected = wrong(rank) ? own : { name: 'MPIError', code: 'ERR_MPI', message };
  await assert.rejects(operation, expected);
  await comm.barrier(); // all ranks are at the same place again
}
const isLast = (rank) => rank === last;
const rangeError = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const typeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };

await check('wrong on all ranks', async () => {
  const all = (own) => ({ wrong: () => true, own });
  for (const root of [size, -1, 1.5])
    await fails(comm.bcast(1, root), null, null, all({ ...rangeError, message: /root/ }));
  await fails(comm.gather(1, '0'), null, null, all(typeError));
  await fails(comm.gather(Symbol('mine')), null, null, all({ code: 'ERR_DATA_CLONE' }));
  await fails(comm.allreduce('text'), null, null, all(typeError));
  for (const create of [(buffer) => new Int8Array(buffer), (buffer) => new DataView(buffer)]) {
    const view = create(new ArrayBuffer(8));
    structuredClone(view.buffer, { transfer: [view.buffer] });
    await fails(comm.allgather(view), null, null, all({ code: 'ERR_DATA_CLONE' }));
  }
  await fails(comm.allreduce({}), null, null, all(typeError));
  await fails(comm.allreduce([1, 'x']), null, null, all(typeError));
  await fails(comm.allreduce(1, 'SUM'), null, null, all(typeError));
  await fails(comm.allreduce(1.5, BAND), null, null, all(typeError));
  await fails(comm.allreduce(new Float64Array(1), BXOR), null, null, all({ name: 'TypeError' }));
  await fails(comm.allreduce(new ArrayBuffer(1), SUM), null, null, all({ name: 'TypeError' }));
  await fails(comm.alltoall(new Array(size + 1).fill(0)), null, null, all(rangeError));
  await fails(comm.alltoall(7), null, null, all(typeError));
  await fails(comm.split('x'), null, null, all(typeError));
  await fails(comm.split(-3), null, null, all(rangeError));
});

await check('wrong on one rank is an error on all', async () => {
  if (size === 1) return unable('needs two ranks');
  const one = (own) => ({ wrong: isLast, own });
  const wrong = /rank \d has called \w+ with wrong arguments/;
  await fails(comm.bcast(1, isLast(rank) ? size : 0), wrong, 'arg', one(rangeError));
  await fails(
    comm.allgather(isLast(rank) ? Symbol('mine') : 1),
    wrong,
    'arg',
    one({ code: 'ERR_DATA_CLONE' }),
  );
  await fails(comm.scatter(isLast(rank) ? [1] : null, last), wrong, 'arg', one(rangeError));
  await fails(
    comm.scatter(isLast(rank) ? new Int8Array(size + 1) : null, last),
    wrong,
    'arg',
    one(rangeError),
  );
  await fails(comm.scatter(isLast(rank) ? 1 : null, last), wrong, 'arg', one(typeError));
  await fails(comm.alltoall(isLast(rank) ? [] : ranks), wrong, 'arg', one(rangeError));
  await fails(comm.allreduce(isLast(rank) ? 'x' : 1), wrong, 'arg', one(typeError));
  await fails(comm.split(isLast(rank) ? -1 : 0), wrong, 'arg', one(rangeError));
});

await check('ranks that differ', async () => {
  if (size === 1) return unable('needs two ranks');
  const mixed = (one, other) => (isLast(rank) ? other : one);
  await fails(comm.bcast(1, mixed(0, 1)), /named 0 as root, others 1/);
  await fails(
    comm.allgather(mixed(new Int8Array(1), new Uint8Array(1))),
    /Int8Array and Uint8Array/,
  );
  await fails(comm.allgather(mixed(new Int8Array(1), [1])), /Int8Array and values of other kinds/);
  await fails(comm.gather(mixed(1, Buffer.alloc(1))), /Buffer and values of other kinds/);
  await fails(
    comm.allreduce(new Float64Array(mixed(2, 3))),
    /one length on all ranks but received 2 and 3/,
  );
  await fails(
    comm.reduce(mixed(new Float64Array(1), new Float32Array(1))),
    /Float32Array and Float64Array/,
  );
  await fails(comm.scan(mixed(1, 1n)), /numbers and bigints/);
  await fails(comm.allreduce(mixed(1, [1])), /numbers and arrays of numbers/);
  await fails(comm.reduce(mixed([1], [1, 2])), /received 1 and 2/);
  await fails(comm.allreduce(1, mixed(SUM, MAX)), /SUM and MAX/);
  await fails(
    comm.allreduce(
      1,
      mixed(SUM, (a) => a),
    ),
    /numbers|SUM and a function/,
  );
  await fails(comm.bcast(mixed(new Int8Array(2), new Int8Array(3)), 0), /received 2 and 3/);
  await fails(
    comm.bcast(mixed('text', new Int8Array(3)), 0),
    /Int8Array and values of other kinds/,
  );
  await fails(
    comm.alltoall(
      mixed(
        new Int8Array(size),
        ranks.map(() => new Int8Array(1)),
      ),
    ),
    /one Int8Array/,
  );
  await fails(comm.alltoall(new Int8Array(mixed(size, 2 * size))), /one length/);
  await fails(
    mixed(0, 1) ? comm.barrier() : comm.allgather(1),
    /some ranks have called barrier, others allgather/,
  );
  await fails(mixed(0, 1) ? comm.dup() : comm.bcast(1), /bcast, others dup/);
});
