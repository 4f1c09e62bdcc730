import { DataCloneError } from '../../../lib/errors.js';
import { countBuffers, decodeStructure, functionsIn } from '../../../lib/values/structure.js';
import { encode, Functions } from './codec.js';
import { functions, Point, samples } from './samples.js';

const rounds = 120_000;

const frames = Object.values(samples).map((value) => encode(value, functions));

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
  const { bytes } = encode(samples.functions, functions);
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
  expect(() => decodeStructure(bytes, [], functions)).toThrow('a number is invalid');
});

test('what stands in place of a boxed value does not get its properties', () => {
  const received = new Functions();
  const fn = Object.assign(() => 1, {});
  const boxed = Object.assign(Object(5) as object, { toString: 'changed' });
  const { bytes } = encode([fn, boxed], received);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxedWord = (27 << 3) | (1 << 11);
  const referenceToFunction = (1 << 3) | 4;
  for (let at = 0; at + 8 <= bytes.byteLength; at += 4)
    if (view.getInt32(at, true) === boxedWord) view.setInt32(at + 4, referenceToFunction, true);
  expect(() => decodeStructure(bytes, [], received)).toThrow('a boxed value is invalid');
  expect(Object.keys(fn)).toEqual([]);
});

describe('what is announced is not believed:', () => {
  test('the length of an array', () => {
    const { bytes } = encode([1, 'a']);
    const message = Uint8Array.from(bytes);
    const view = new DataView(message.buffer);
    // After the head: the word of the array, the form of its elements, their number.
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
  // The words that matter most are at the beginning of a long value.
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

/** A text of all that decoding must not change. */
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
