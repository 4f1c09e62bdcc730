import { noFunctions } from '../../../lib/values/functions_in_out.js';
import { move } from '../../../lib/values/buffers/move.js';
import { roots } from '../../../lib/values/refusing/paths.js';
import { countBuffers, decodeStructure, encodeStructure } from '../../../lib/values/structure.js';
import { decode, encode, roundTrip } from './codec.js';
import { expectSame } from './same.js';
import { describeUnless } from '../../support/unless.js';

interface Resizable extends ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  resize(length: number): void;
}

function resizable(length: number, maxByteLength: number): Resizable {
  const type = ArrayBuffer as unknown as new (length: number, options: object) => Resizable;
  return new type(length, { maxByteLength });
}

/** Bytes that differ from each other. */
function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7) & 255);
}

describe('contents from 2 KiB up', () => {
  test('travel out of band, as a copy', () => {
    const view = bytes(2048);
    const encoded = encode({ view });
    expect(encoded.buffers.map((buffer) => buffer.byteLength)).toEqual([2048]);
    expect(encoded.bytes.byteLength).toBeLessThan(300);
    expect(countBuffers(encoded.bytes)).toBe(1);
    view.fill(0);
    expectSame(decode(encoded), { view: bytes(2048) });
  });

  test('become the memory of the result', () => {
    const encoded = encode([bytes(5000), new Float64Array(1000), bytes(3000).buffer]);
    const [one, two, three] = decode(encoded) as [Uint8Array, Float64Array, ArrayBuffer];
    expect([one.buffer, two.buffer, three]).toEqual(encoded.buffers);
    expect(one.buffer).toBe(encoded.buffers[0]);
    expect(two.buffer).toBe(encoded.buffers[1]);
    expect(three).toBe(encoded.buffers[2]);
  });
});

test('without a snapshot function all contents travel inline, as a copy, or moved', () => {
  const view = bytes(5000);
  const moved = move(bytes(3000));
  const context = { snapshot: undefined, functions: noFunctions, root: roots.value };
  const encoded = encodeStructure({ view, moved }, context);
  expect(encoded.buffers).toEqual([]);
  expect(moved.byteLength).toBe(0);
  view.fill(0);
  expectSame(decode(encoded), { view: bytes(5000), moved: bytes(3000) });
});

test('smaller contents travel inline, as a copy', () => {
  const view = bytes(2047);
  const encoded = encode({ view });
  expect(encoded.buffers).toEqual([]);
  expect(countBuffers(encoded.bytes)).toBe(0);
  view.fill(0);
  expectSame(decode(encoded), { view: bytes(2047) });
});

describe('a small array that is the whole value', () => {
  const contents = bytes(48).buffer as ArrayBuffer;

  test.each([
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ])('%p: travels with eight bytes more than its contents', (type) => {
    const encoded = encode(new type(contents.slice(0)));
    expect(encoded.bytes.byteLength).toBe(8 + 48);
    expectSame(decode(encoded), new type(contents.slice(0)));
  });

  test('later changes are not seen', () => {
    const view = bytes(16);
    const encoded = encode(view);
    view.fill(0);
    expectSame(decode(encoded), bytes(16));
  });

  test('with half an element it is damaged', () => {
    const { bytes: encoded } = encode(new Float64Array(4));
    const cut = encoded.subarray(0, encoded.byteLength - 3);
    expect(() => decodeStructure(cut, [], noFunctions)).toThrow('half an element');
  });

  test('of a type that is not known it is damaged', () => {
    const { bytes: encoded } = encode(new Uint8Array(4));
    encoded[1] = 99;
    expect(() => decodeStructure(encoded, [], noFunctions)).toThrow('unknown type');
  });
});

describe('of a buffer only the part travels that is used:', () => {
  test('of a large one, out of band', () => {
    const { buffers } = encode(new Uint8Array(1 << 20).subarray(1000, 5000));
    expect(buffers.map((buffer) => buffer.byteLength)).toEqual([4000]);
  });

  test('of a large one, inline', () => {
    const { bytes: encoded, buffers } = encode(new Uint8Array(1 << 20).subarray(5, 10));
    expect(buffers).toEqual([]);
    expect(encoded.byteLength).toBeLessThan(150);
  });

  test('of the pool of small Buffers, however far they are from each other', () => {
    const slab = Buffer.allocUnsafe(8);
    const pool = Buffer.from(slab.buffer, 0, Buffer.poolSize);
    const value = [
      pool.subarray(0, 3),
      pool.subarray(5000, 5010),
      pool.subarray(2, 6),
      pool.subarray(8000, 8100),
    ];
    const encoded = encode(value);
    expect(encoded.buffers).toEqual([]);
    expect(encoded.bytes.byteLength).toBeLessThan(700);
    const [one, two, three, four] = decode(encoded) as Buffer[];
    expectSame([one, two, three, four].map(String), value.map(String));
    expect(one!.buffer).toBe(three!.buffer);
    expect(one!.buffer).not.toBe(two!.buffer);
    expect(two!.buffer).not.toBe(four!.buffer);
  });
});

describe('views share their buffer again:', () => {
  test.each([16, 4096])('of %i bytes', (length) => {
    const { buffer } = bytes(length);
    const value = {
      buffer,
      whole: new Uint8Array(buffer),
      part: new Int32Array(buffer, 8, 2),
      view: new DataView(buffer, 1, 5),
      map: new Map([[buffer, [new Float64Array(buffer)]]]),
    };
    const result = roundTrip(value);
    expectSame(result, value);
    for (const view of [result.whole, result.part, result.view, result.map.get(result.buffer)![0]!])
      expect(view.buffer).toBe(result.buffer);
    expect(result.part.byteOffset).toBe(8);
    result.whole[8] = 99;
    expect(result.part[0]! & 255).toBe(99);
  });

  test('without the buffer itself', () => {
    const { buffer } = bytes(100_000);
    const [one, two] = roundTrip([
      new Uint8Array(buffer, 50_003, 100),
      new Uint8Array(buffer, 53_000, 9),
    ] as const);
    expect(one.buffer).toBe(two.buffer);
    expect(one.buffer.byteLength).toBeLessThan(3200);
    expect(one[0]).toBe((50_003 * 7) & 255);
    expect(two[8]).toBe((53_008 * 7) & 255);
  });

  test('one view met twice is one view', () => {
    const view = bytes(10);
    const [one, two] = roundTrip([view, view] as const);
    expect(one).toBe(two);
  });

  test('a Buffer in the pool and a typed array on the same memory', () => {
    const small = Buffer.from('a small one');
    const array = new Uint8Array(small.buffer, small.byteOffset, 3);
    const [one, two] = roundTrip([small, array] as const);
    one[0] = 7;
    expect(two[0]).toBe(7);
    expect(Buffer.isBuffer(one)).toBe(true);
    expect(Buffer.isBuffer(two)).toBe(false);
  });
});

test('elements keep their alignment', () => {
  const buffer = new ArrayBuffer(200_000);
  new Uint8Array(buffer).set(bytes(200_000));
  for (const offset of [8, 24, 56, 1000, 99_992]) {
    for (const length of [1, 3, 400]) {
      const value = [
        new Float64Array(buffer, offset, length),
        new Uint8Array(buffer, offset + 3, 5),
      ];
      expectSame(roundTrip(value), value);
    }
  }
});

describe('wherever in a message the bytes begin', () => {
  test.each([0, 1, 3, 4, 7, 8])('%i bytes after its start', (offset) => {
    for (const value of [
      [1.5, 'text', bytes(100), 2n ** 40n],
      Array.from({ length: 50_000 }, (_, i) => i / 3),
    ]) {
      const { bytes: encoded, buffers } = encode(value);
      const message = new Uint8Array(encoded.byteLength + 100).fill(255);
      message.set(encoded, offset);
      const part = message.subarray(offset, offset + encoded.byteLength);
      expectSame(decodeStructure(part, buffers, noFunctions), value);
    }
  });
});

const describeResizable = describeUnless(
  'resize' in ArrayBuffer.prototype ? undefined : 'this Node.js has no resizable buffers',
);

describeResizable('resizable buffers', () => {
  test.each([16, 4096])('of %i bytes stay resizable', (length) => {
    const buffer = resizable(length, 8192);
    new Uint8Array(buffer).fill(7);
    const value = {
      buffer,
      fixed: new Uint8Array(buffer, 0, length),
      tracking: new Float64Array(buffer, 8),
      view: new DataView(buffer, 4),
    };
    const result = roundTrip(value);
    expectSame(result, value);
    expect(result.buffer.resizable).toBe(true);
    expect(result.buffer.maxByteLength).toBe(8192);
    result.buffer.resize(length + 80);
    expect(result.tracking.length).toBe((length + 72) / 8);
    expect(result.view.byteLength).toBe(length + 76);
    expect(result.fixed.length).toBe(length);
    expect(result.fixed[length - 1]).toBe(7);
  });

  test('at their largest, with their contents untouched', () => {
    const buffer = resizable(32, 32);
    new Uint8Array(buffer).set(bytes(32));
    const result = roundTrip([
      new Float64Array(buffer),
      new Float64Array(buffer, 0, 4),
      new Uint8Array(buffer, 5),
    ] as const);
    expect(Array.from(new Uint8Array(buffer))).toEqual(Array.from(bytes(32)));
    const memory = result[0].buffer;
    memory.resize(16);
    expect(result.map((view) => view.length)).toEqual([2, 0, 11]);
  });
});

test('many small views', () => {
  const value = Array.from({ length: 2000 }, (_, index) => Float32Array.of(index, 1, 2));
  expectSame(roundTrip(value), value);
});

test('a number of buffers that is not right is said', () => {
  const { bytes: encoded, buffers } = encode(bytes(4096));
  expect(() => decodeStructure(encoded, [], noFunctions)).toThrow(
    'expected a buffer of 4096 bytes but received none',
  );
  expect(() => decodeStructure(encoded, [...buffers, new ArrayBuffer(1)], noFunctions)).toThrow(
    'expected 1 buffers but received 2',
  );
  expect(() => decodeStructure(encoded, [new ArrayBuffer(4095)], noFunctions)).toThrow(
    'expected a buffer of 4096 bytes but received 4095',
  );
});
