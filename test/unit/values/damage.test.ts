import { DataCloneError } from '../../../lib/errors.js';
import { pack, unpack } from '../../../lib/tasks/values/pack.js';
import { countBuffers, decodeStructure, functionsIn } from '../../../lib/tasks/values/structure.js';
import { encode, Functions } from './codec.js';

const rounds = 120_000;

class Point {
  x = 1;
  y = 'two';
}
class Packed {
  [pack](): unknown {
    return { list: [1, 'x'], point: new Point() };
  }
  static [unpack](): Packed {
    return new Packed();
  }
}
class Names extends Map<unknown, unknown> {
  title = 'names';
}

const functions = new Functions();
const captures = functions.closure(
  () => 1,
  { a: 1, b: { c: 'x' } },
  () => ({ fn: () => 1, assign: () => undefined }),
);
const shared = { shared: [1, 2, 3] };
const cyclic: unknown[] = [1];
cyclic.push(cyclic, { cyclic });

const values: unknown[] = [
  { id: 7, name: 'a small object', value: 0.5, active: true, nested: { list: [1, 'x', null] } },
  Array.from({ length: 20 }, (_, index) => ({
    id: index,
    name: `row ${index % 3}`,
    value: index / 3,
  })),
  [
    Array.from({ length: 50 }, (_, i) => i),
    Array.from({ length: 50 }, (_, i) => i / 7),
    // eslint-disable-next-line no-sparse-arrays
    [1, , 'x'],
  ],
  Object.assign([], { 5: 1, 1000: 2, 999_999: shared, extra: 'x' }),
  new Map<unknown, unknown>([
    [1, new Set(['a', shared])],
    [shared, new Names([[1, 2]])],
  ]),
  [
    new Date(5),
    /a+b/gi,
    Object('boxed'),
    10n,
    -(10n ** 50n),
    Symbol.iterator,
    Symbol.for('x'),
    undefined,
    NaN,
  ],
  [
    new TypeError('broken', { cause: new RangeError('inner') }),
    new AggregateError([1], 'many'),
    new DOMException('m', 'AbortError'),
  ],
  [captures, functions.bind(Math.max, shared, 1, [2]), Point, Math, { captures }],
  [new Point(), new Packed(), [new Point(), new Packed(), new Point()]],
  [
    new Uint8Array(100),
    new Float64Array(5),
    new DataView(new ArrayBuffer(8), 2),
    Buffer.from('buffer'),
    new ArrayBuffer(3),
  ],
  [
    new Uint8Array(4096).fill(1),
    new Float64Array(1000).subarray(5),
    { again: new ArrayBuffer(2048) },
  ],
  ['wide → 漢字', '\ud800', 'latin1 é', new URL('http://localhost/a'), new URLSearchParams('a=b')],
  ['x'.repeat(20_000), '→'.repeat(17_000), 'end', 'end'],
  [cyclic, Object.create(null), JSON.parse('{"__proto__":1,"toString":2}'), resizable()],
];
const frames = values.map((value) => encode(value, functions));

test('damaged bytes decode to something or throw a DataCloneError', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  const random = randomNumbers(seed);
  const globalsBefore = fingerprint();
  let decoded = 0;
  for (let round = 0; round < rounds; round++) {
    const { bytes, buffers } = frames[random(frames.length)]!;
    const damagedBytes = damage(bytes, random);
    const start = performance.now();
    try {
      decodeStructure(damagedBytes, random(50) === 0 ? buffers.slice(1) : buffers, functions);
      decoded++;
    } catch (error) {
      if (!(error instanceof DataCloneError))
        throw new Error(`SEED=${seed}, round ${round}: ${String(error)}`, { cause: error });
    }
    if (performance.now() - start > 5000) throw new Error(`SEED=${seed}, round ${round} hangs`);
  }
  expect(fingerprint()).toBe(globalsBefore);
  expect(decoded).toBeGreaterThan(0);
  expect(decoded).toBeLessThan(rounds);
});

test('what is cut off anywhere is noticed', () => {
  for (const { bytes, buffers } of frames) {
    const step = Math.ceil(bytes.length / 500);
    for (let length = 0; length < bytes.length; length += step)
      expect(() => decodeStructure(bytes.subarray(0, length), buffers, functions)).toThrow(
        DataCloneError,
      );
  }
});

test('random bytes are noticed', () => {
  const random = randomNumbers(1);
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: random(300) }, () => random(256));
    if (bytes.length > 4) bytes.set(frames[0]!.bytes.subarray(0, 4));
    expect(() => decodeStructure(bytes, [], functions)).toThrow(/^The encoded value is damaged: /);
  }
});

test('the head of damaged bytes can be asked', () => {
  const random = randomNumbers(2);
  const { bytes } = frames[7]!;
  for (let round = 0; round < 20_000; round++) {
    const damagedBytes = damage(bytes, random);
    for (const ask of [countBuffers, functionsIn]) {
      try {
        ask(damagedBytes);
      } catch (error) {
        if (!(error instanceof DataCloneError)) throw error;
      }
    }
  }
  expect(() => countBuffers(new Uint8Array(3))).toThrow(
    'The encoded value is damaged: its head is cut off',
  );
});

test('what stands where a number must is not turned into one', () => {
  const sparse: unknown[] = [];
  sparse[2 ** 31] = 1;
  const { bytes } = encode({ sparse, date: new Date(1) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dateWord = 25 << 3;
  for (let at = 0; at + 8 <= bytes.byteLength; at += 4) {
    const referenceToSparse = (1 << 3) | 4;
    if (view.getInt32(at, true) === dateWord) view.setInt32(at + 4, referenceToSparse, true);
  }
  expect(() => decodeStructure(bytes, [], functions)).toThrow('a number is none');
});

describe('what is announced is not believed:', () => {
  test('the length of an array', () => {
    const { bytes } = encode([1, 'a']);
    const message = Uint8Array.from(bytes);
    const view = new DataView(message.buffer);
    // Behind the head: the array, the form of its elements, their number.
    expect(view.getInt32(4 * 12, true)).toBe((2 << 1) | 1);
    view.setInt32(4 * 12, ((2 ** 30 - 1) << 1) | 1, true);
    const before = process.memoryUsage().heapTotal;
    expect(() => decodeStructure(message, [], functions)).toThrow('The encoded value is damaged: ');
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(2 ** 26);
  });
});

type Random = (below: number) => number;

function damage(bytes: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = Uint8Array.from(bytes);
  const times = 1 + random(3);
  for (let time = 0; time < times; time++) result = damageOnce(result, random);
  return result;
}

function damageOnce(bytes: Uint8Array, random: Random): Uint8Array {
  // Most of what matters is at the beginning, of a long frame at least.
  const at = random(random(2) === 0 ? bytes.length : Math.min(bytes.length, 600));
  switch (random(7)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    case 1:
      return bytes.slice(0, at);
    case 2:
      return joined(
        bytes.slice(0, at),
        Uint8Array.from({ length: 1 + random(9) }, () => random(256)),
        bytes.slice(at),
      );
    case 3:
      return joined(bytes.slice(0, at), bytes.slice(at + 1 + random(12)));
    case 4: {
      const other = random(bytes.length || 1);
      const length = Math.min(4 * (1 + random(4)), bytes.length - Math.max(at, other));
      const piece = bytes.slice(at, at + length);
      bytes.copyWithin(at, other, other + length);
      bytes.set(piece, other);
      return bytes;
    }
    case 5: {
      const word = at & ~3;
      if (word + 4 <= bytes.length)
        new DataView(bytes.buffer).setInt32(word, interesting(random), true);
      return bytes;
    }
    default: {
      const word = at & ~3;
      if (word + 4 > bytes.length) return bytes;
      const view = new DataView(bytes.buffer);
      view.setInt32(word, view.getInt32(word, true) + random(33) - 16, true);
      return bytes;
    }
  }
}

function interesting(random: Random): number {
  const numbers = [
    0,
    1,
    -1,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 24,
    random(64) << 3,
    (random(64) << 3) | (random(8) << 9),
    random(2 ** 31),
  ];
  return numbers[random(numbers.length)]!;
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** Numbers that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What decoding must not touch. */
function fingerprint(): string {
  return [
    Object.prototype,
    Array.prototype,
    Function.prototype,
    Map.prototype,
    Error.prototype,
    Point.prototype,
    Point,
    Math,
  ]
    .map((object) => Reflect.ownKeys(object).map(String).join())
    .join(';');
}

function resizable(): unknown {
  const type = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
  const buffer = new type(16, { maxByteLength: 64 });
  return [buffer, new Uint8Array(buffer)];
}
