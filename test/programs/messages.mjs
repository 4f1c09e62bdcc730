/** Messages from rank to rank. Each rank sends to the next and receives from the one before, in a ring. */
import assert from 'node:assert/strict';
import { ANY_SOURCE, ANY_TAG, COMM_WORLD, PROC_NULL } from 'mpi-futures/mpi';
import { check } from './on_all_ranks.mjs';
import { classes, range } from './typed_arrays.mjs';

const comm = await COMM_WORLD.dup();
const { rank, size } = comm;
const next = (rank + 1) % size;
const previous = (rank + size - 1) % size;

/** The value of the rank `previous`, if each rank gives `value` of its own. */
async function round(value, tag = 0) {
  return comm.sendrecv(value(rank), next, previous, tag);
}

await check('values of all kinds', async () => {
  const values = [
    undefined,
    null,
    true,
    -0,
    NaN,
    12n ** 40n,
    'text',
    '\ud800',
    [],
    Object.assign(new Array(3), { 0: 1, 2: 3 }),
    { a: [{ b: 1 }], c: undefined },
    new Map([[1, new Set(['x'])]]),
    new Date(5),
    /x/gi,
    new RangeError('why', { cause: 1 }),
    'long '.repeat(50_000),
    Array.from({ length: 5000 }, (_, index) => ({ index, text: `number ${index}` })),
    { array: new Float64Array(100_000).fill(2) },
  ];
  for (const value of values) assert.deepEqual(await round(() => value), value);
});

await check('values are as they were at the call', async () => {
  const value = { list: [rank] };
  const sent = comm.send(value, next);
  value.list.push('later');
  assert.deepEqual(await comm.recv(previous), { list: [previous] });
  await sent;
});

await check('typed arrays of every class, small and large', async () => {
  for (const Class of classes) {
    for (const length of [0, 1, 17, 100_003]) {
      const received = await round((rank) =>
        range(Class, rank, length % 100).constructor.from(range(Class, rank, length)),
      );
      assert.equal(received.constructor, Class);
      assert.deepEqual(received, range(Class, previous, length));
    }
  }
});

await check('parts of arrays, Buffers, DataViews and ArrayBuffers', async () => {
  const part = (rank) => new Int16Array([9, rank, rank + 1, 9]).subarray(1, 3);
  assert.deepEqual(await round(part), part(previous).slice());
  const buffer = await round((rank) => Buffer.from(`rank ${rank}`));
  assert.ok(Buffer.isBuffer(buffer));
  assert.equal(buffer.toString(), `rank ${previous}`);
  const bytes = (rank) => Uint8Array.of(1, 2, rank).buffer;
  assert.deepEqual(await round(bytes), bytes(previous));
  const view = (rank) => new DataView(bytes(rank), 1, 2);
  const received = await round(view);
  assert.ok(received instanceof DataView);
  assert.deepEqual([received.byteLength, received.getUint8(1)], [2, previous]);
});

await check('arrays on shared and on resizable memory', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(400_000)).fill(rank);
  assert.deepEqual(await round(() => shared), new Int32Array(100_000).fill(previous));
  const resizable = new Int32Array(new ArrayBuffer(400_000, { maxByteLength: 800_000 })).fill(rank);
  assert.deepEqual(await round(() => resizable), new Int32Array(100_000).fill(previous));
});

await check('messages into memory that is there: small, large, shorter, shared', async () => {
  for (const length of [3, 100_000]) {
    const sent = comm.send(new Int32Array(length).fill(rank), next, 8);
    const into = new Int32Array(length + 1).fill(-1);
    const info = { source: previous, tag: 8, byteLength: 4 * length };
    assert.deepEqual(await comm.recvInto(into, previous, 8), info);
    await sent;
    assert.deepEqual(into.subarray(0, length), new Int32Array(length).fill(previous));
    assert.equal(into[length], -1);
  }
  const sent = comm.send(new ArrayBuffer(400_000), next);
  await comm.recvInto(new ArrayBuffer(400_000));
  await sent;
  const shared = new Float64Array(new SharedArrayBuffer(400_000));
  const second = comm.send(new Float64Array(50_000).fill(rank), next);
  await comm.recvInto(shared);
  await second;
  assert.equal(shared[49_999], previous);
  assert.deepEqual(await comm.recvInto(new Int8Array(1), PROC_NULL), { source: PROC_NULL, tag: ANY_TAG, byteLength: 0 }); // prettier-ignore
});

await check('a message that does not fit into the memory is dropped, with the reason', async () => {
  for (const length of [3, 100_000]) {
    const sent = [0, 1].map(() => comm.send(new Float64Array(length), next));
    await assert.rejects(comm.recvInto(new Float64Array(2)), {
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: `Expected at most 16 bytes but received ${8 * length} from rank ${previous}; the message is dropped`,
    });
    await assert.rejects(comm.recvInto(new Int32Array(2 * length)), {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: `Expected Int32Array but received Float64Array from rank ${previous}; the message is dropped`,
    });
    await Promise.all(sent);
  }
  const gone = new Float64Array(2);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  for (const wrong of [[], 'text', undefined, gone])
    await assert.rejects(comm.recvInto(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
});

await check('messages of one sender come in order, large and small', async () => {
  const lengths = [1, 300_000, 2, 100_000, 3, 4];
  const sent = lengths.map((length) => comm.send(new Int32Array(length).fill(rank), next, 5));
  for (const length of lengths) {
    assert.deepEqual(await comm.recv(previous, 5), new Int32Array(length).fill(previous));
  }
  await Promise.all(sent);
});

await check('receives match in the order of the calls', async () => {
  const received = Promise.all([comm.recv(previous, 1), comm.recv(), comm.recv(previous, 1)]);
  const sent = ['a', 'b', 'c'].map((value) => comm.send(value, next, 1));
  assert.deepEqual(await received, ['a', 'b', 'c']);
  await Promise.all(sent);
});

await check('a tag finds its message, whatever came before', async () => {
  const sent = [3, 2, 1].map((tag) => comm.send(`tag ${tag}`, next, tag));
  for (const tag of [1, 3, 2]) assert.equal(await comm.recv(previous, tag), `tag ${tag}`);
  const large = [1, 2, 3].map((tag) => comm.send(new Float64Array(50_000).fill(tag), next, tag));
  for (const tag of [3, 1, 2]) assert.equal((await comm.recv(previous, tag)).at(-1), tag);
  await Promise.all([...sent, ...large]);
});

await check('the largest tag', async () => {
  const sent = comm.send('far', next, 2 ** 31 - 1);
  assert.deepEqual(await comm.recvMessage(), { value: 'far', source: previous, tag: 2 ** 31 - 1 });
  await sent;
});

await check('any source, any tag', async () => {
  const sent = [];
  for (let dest = 0; dest < size; dest++) sent.push(comm.send({ from: rank }, dest, rank + 1));
  const sources = new Set();
  for (let count = 0; count < size; count++) {
    const { value, source, tag } = await comm.recvMessage(ANY_SOURCE, ANY_TAG);
    assert.deepEqual([value.from, tag], [source, source + 1]);
    sources.add(source);
  }
  assert.equal(sources.size, size);
  await Promise.all(sent);
});

await check('probe leaves the message where it is', async () => {
  const sent = comm.send(new Float32Array(30_000), next, 4);
  const seen = { source: previous, tag: 4, byteLength: 120_000 };
  assert.deepEqual(await comm.probe(), seen);
  assert.deepEqual(await comm.probe(previous, 4), seen);
  assert.equal((await comm.recv()).length, 30_000);
  await sent;
});

await check('a probe and a receive that wait for the same message', async () => {
  const seen = comm.probe(previous, 6);
  const received = comm.recv(previous, 6);
  await comm.send('both', next, 6);
  assert.equal((await seen).tag, 6);
  assert.equal(await received, 'both');
});

await check('a rank can send to itself', async () => {
  const large = new Float64Array(200_000).fill(rank);
  const sent = [comm.send('to myself', rank), comm.send(large, rank)];
  assert.equal(await comm.recv(rank), 'to myself');
  const received = await comm.recv(rank);
  assert.deepEqual(received, large);
  assert.notEqual(received, large);
  await Promise.all(sent);
});

await check('nobody is sent to and received from', async () => {
  await comm.send('lost', PROC_NULL);
  assert.deepEqual(await comm.recvMessage(PROC_NULL, 3), {
    value: null,
    source: PROC_NULL,
    tag: 3,
  });
  assert.equal(await comm.sendrecv('lost', PROC_NULL, PROC_NULL), null);
});

await check('many messages at once', async () => {
  const count = 2000;
  const sent = Array.from({ length: count }, (_, index) => comm.send(index, next, index % 3));
  const received = await Promise.all(Array.from({ length: count }, () => comm.recv(previous)));
  assert.deepEqual(received, [...received.keys()]);
  await Promise.all(sent);
});

await check('messages of two communicators never meet', async () => {
  const other = await comm.dup();
  const sent = [comm.send('one', next), other.send('other', next)];
  assert.equal(await other.recv(), 'other');
  assert.equal(await comm.recv(), 'one');
  await Promise.all(sent);
  await other.free();
});

await check('who waits when a communicator is freed is refused', async () => {
  const other = await comm.dup();
  const refused = assert.rejects(other.recv(), { code: 'ERR_INVALID_STATE', message: /free\(\)/ });
  await other.free();
  await refused;
});

await check('wrong arguments', async () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  await assert.rejects(comm.send(1), type);
  await assert.rejects(comm.send(1, '0'), type);
  await assert.rejects(comm.send(1, size), { ...range, message: /for dest but received/ });
  await assert.rejects(comm.send(1, -1), range);
  await assert.rejects(comm.send(1, 0.5), range);
  await assert.rejects(comm.send(1, 0, -1), { ...range, message: /for tag but received -1/ });
  await assert.rejects(comm.send(1, 0, 2 ** 31), range);
  await assert.rejects(comm.recv(size), { ...range, message: /for source/ });
  await assert.rejects(comm.recv(0, 'x'), type);
  await assert.rejects(comm.recv(0, -7), range);
  await assert.rejects(comm.probe(-5), range);
  await assert.rejects(comm.sendrecv(1, size), range);
  await assert.rejects(comm.sendrecv(1, 0, size), range);
  await assert.rejects(comm.send(Symbol('mine'), 0), { code: 'ERR_DATA_CLONE' });
  await assert.rejects(comm.sendrecv(Symbol('mine'), next, previous), { code: 'ERR_DATA_CLONE' });
});
