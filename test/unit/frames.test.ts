/** What comes through the pipe between a keeper and its sandbox, cut and damaged in any way. */
import { frameOf, FrameReader } from '../../lib/worker/isolation/frames.js';
import { randomOf } from '../programs/random.mjs';

function bytesOf(payload: Buffer, buffers: ArrayBuffer[]): Buffer {
  return Buffer.concat(frameOf(payload, payload.length, buffers));
}

const bufferOf = (size: number, value: number): ArrayBuffer =>
  new Uint8Array(size).fill(value).buffer;

test('messages arrive whole, however they are cut', () => {
  const random = randomOf(1);
  const sent = Array.from({ length: 300 }, (_, i) => ({
    payload: Buffer.alloc(random(i % 50 === 0 ? 100_000 : 40), i),
    buffers: Array.from({ length: random(3) }, () => bufferOf(random(50), i)),
  }));
  const stream = Buffer.concat(sent.map(({ payload, buffers }) => bytesOf(payload, buffers)));
  const received: { payload: Buffer; buffers: ArrayBuffer[] }[] = [];
  const reader = new FrameReader((payload, buffers = []) => {
    received.push({ payload: Buffer.from(payload), buffers });
  });
  for (let at = 0; at < stream.length;) {
    const size = 1 + random(random(10) === 0 ? 5000 : 30);
    reader.add(Buffer.from(stream.subarray(at, at + size)));
    at += size;
  }
  const plain = (all: typeof received) =>
    all.map(({ payload, buffers }) =>
      [payload, ...buffers.map((buffer) => Buffer.from(buffer))].map((each) =>
        each.toString('hex'),
      ),
    );
  expect(plain(received)).toEqual(plain(sent));
});

test('20 000 damaged messages are others, none, or an error that says what is wrong', () => {
  const random = randomOf(7);
  const errors = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = bytesOf(
      Buffer.alloc(random(30)),
      Array.from({ length: random(3) }, () => bufferOf(random(20), 1)),
    );
    for (let damage = random(4); damage > 0; damage--)
      bytes[random(2) === 0 ? random(16) : random(bytes.length)] = random(256);
    const whole = random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    // What announces much more than there is takes its memory: no sandbox can send so much by chance.
    if (whole.length >= 16 && (whole.readDoubleLE(0) > 1e6 || whole.readUInt32LE(8) > 1e6))
      if (whole.readDoubleLE(0) <= 2 ** 53 && whole.readUInt32LE(8) <= 1 << 24) continue;
    try {
      new FrameReader(() => undefined).add(Buffer.from(whole));
    } catch (error) {
      errors.add((error as Error).message.replaceAll(/(?<= )(-?\d\S*|-?Infinity|NaN)/g, 'N'));
    }
  }
  expect([...errors].sort()).toEqual(['a message of N buffers', 'a size of N bytes']);
});
