/** Messages that no process of this version has written: an error, at once. */
import { types } from 'node:util';
import fc from 'fast-check';

import { BatchWriter, readBatch, resultFlags, type BatchEntry } from '../../lib/tasks/batches.js';
import { decodeMessage, encodeMessage, MessageKind } from '../../lib/tasks/messages.js';
import { noFunctions } from '../../lib/values/functions_in_out.js';
import { roots } from '../../lib/values/refusing/paths.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import { encodeStructure } from '../../lib/values/structure.js';

const body = { text: 'abc', bytes: new Uint8Array(100_000), list: [1, 'two', { three: 3n }] };

const structure = encodeStructure(body, {
  snapshot: plainSnapshot,
  functions: noFunctions,
  root: roots.result,
});

/** Two answers in one text, then one of its own with a buffer. */
function results(): { payload: Buffer; buffers: readonly ArrayBuffer[] } {
  const writer = new BatchWriter(MessageKind.results, true);
  writer.add(1, 1, 0, resultFlags.value, '[1,2]', 0.5);
  writer.add(1, 2, 0, resultFlags.error, '"x"', 0.5);
  writer.add(1, 3, 0, resultFlags.value, structure, 0.5);
  let written: ReturnType<typeof results> | undefined;
  writer.finish((payload, length, buffers = []) => {
    written = { payload: Buffer.from(payload.subarray(0, length)), buffers };
  });
  return written!;
}

const { payload, buffers } = results();

function read(message: Buffer, received = buffers) {
  const entries: BatchEntry[] = [];
  readBatch(message, received, true, (entry) => entries.push({ ...entry }));
  return entries;
}

function changed(change: (message: Buffer) => void): Buffer {
  const message = Buffer.from(payload);
  change(message);
  return message;
}

/** Where the segment with the structured value begins. */
const second = 4 + 16 + payload.readUInt32LE(4 + 12);

describe('a batch', () => {
  test('is as it was written', () => {
    expect(buffers).toHaveLength(1);
    expect(read(payload).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test.each([
    ['with fewer entries than counted', (m: Buffer) => m.writeUInt32LE(3, 4 + 8)],
    ['with more entries than counted', (m: Buffer) => m.writeUInt32LE(1, 4 + 8)],
    ['with a segment that is longer than the message', (m: Buffer) => m.writeUInt32LE(1e9, 4 + 12)],
    ['of no encoding', (m: Buffer) => m.writeUInt32LE(2, 4)],
    ['with a run time that is none', (m: Buffer) => m.writeFloatLE(NaN, 4 + 16)],
    ['with a run time below 0', (m: Buffer) => m.writeFloatLE(-1, second + 16)],
    ['with an endless run time', (m: Buffer) => m.writeFloatLE(Infinity, second + 16)],
    ['with a value of no length', (m: Buffer) => m.writeDoubleLE(NaN, second + 16 + 4 + 16)],
    ['with a value that goes back', (m: Buffer) => m.writeDoubleLE(-44, second + 16 + 4 + 16)],
    ['with a value behind its end', (m: Buffer) => m.writeDoubleLE(1e9, second + 16 + 4 + 16)],
  ])('%s', (_, change) => {
    expect(() => read(changed(change))).toThrow();
  });

  test('without its buffer, or with one more', () => {
    expect(() => read(payload, [])).toThrow('a buffer is missing');
    expect(() => read(payload, [...buffers, new ArrayBuffer(1)])).toThrow(
      'one of the buffers is not used',
    );
  });
});

describe('a message of its own', () => {
  const message = encodeMessage(MessageKind.hello, body);
  const lengthOfBuffer = 4 + 8 + new DataView(message.buffer).getFloat64(4, true);

  test.each([
    ['body', 4],
    ['buffer', lengthOfBuffer],
  ])('whose %s has a length that is none', (_, at) => {
    for (const length of [NaN, -8, -1e9, 0.5, 1e9, Infinity]) {
      const copy = message.slice();
      new DataView(copy.buffer).setFloat64(at, length, true);
      expect(() => decodeMessage(copy)).toThrow();
    }
  });
});

test('any damage: the same value, another one, or an error', () => {
  const messages = [payload, Buffer.from(encodeMessage(MessageKind.hello, body))];
  const damage = fc.record({
    message: fc.constantFrom(...messages),
    bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    length: fc.option(fc.nat(), { freq: 4 }),
  });
  fc.assert(
    fc.property(damage, ({ message, bytes, length }) => {
      const copy = Buffer.from(message);
      for (const [at, byte] of bytes) copy[at % copy.length] = byte;
      const cut = length === null ? copy : copy.subarray(0, length % copy.length);
      for (const decode of [decodeMessage, read])
        try {
          decode(cut);
        } catch (error) {
          expect(types.isNativeError(error)).toBe(true);
        }
    }),
    { numRuns: 2000 },
  );
});
