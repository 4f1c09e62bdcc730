import { isDetached, move } from '../../../lib/values/buffers/move.js';
import { decode, encode, refusal, roundTrip } from './codec.js';
import { testUnless } from '../../support/unless.js';

test('move returns what it is given', () => {
  const value = { view: new Uint8Array(5) };
  expect(move(value)).toBe(value);
  expect(move(1)).toBe(1);
  expect(value.view.byteLength).toBe(5);
});

test('a buffer that is moved is detached here and is whole there', () => {
  const view = new Uint8Array(5000).fill(7);
  const encoded = encode([move(view.subarray(1000, 4000)), 1]);
  expect(view.byteLength).toBe(0);
  expect(encoded.buffers.map((buffer) => buffer.byteLength)).toEqual([5000]);
  const [received] = decode(encoded) as [Uint8Array];
  expect([received.byteOffset, received.byteLength, received[0]]).toEqual([1000, 3000, 7]);
});

test('so is a small one', () => {
  const view = new Float64Array([1, 2, 3]);
  expect(Array.from(roundTrip(move(view)))).toEqual([1, 2, 3]);
  expect(isDetached(view.buffer)).toBe(true);
});

test('buffers are found inside of arrays, objects, maps and sets', () => {
  const buffers = Array.from({ length: 7 }, () => new ArrayBuffer(4096));
  const at = (index: number): ArrayBuffer => buffers[index]!;
  const value = {
    list: [at(0)],
    view: new DataView(at(1)),
    map: new Map<unknown, unknown>([[at(2), { deep: new Uint8Array(at(3)) }]]),
    set: new Set([at(4)]),
    instance: new (class Holder {
      buffer = at(5);
    })(),
    buffer: Buffer.from(at(6)),
    self: null as unknown,
  };
  value.self = value;
  move(value);
  expect(encode({ ...value, instance: value.instance.buffer, self: 0 }).buffers.length).toBe(7);
  expect(buffers.every(isDetached)).toBe(true);
});

test('views on one moved buffer share it there', () => {
  const buffer = new ArrayBuffer(4096);
  const [one, two] = roundTrip([
    move(new Uint8Array(buffer, 0, 10)),
    new Uint8Array(buffer, 4000),
  ] as const);
  expect(one.buffer).toBe(two.buffer);
  expect(one.buffer.byteLength).toBe(4096);
});

test('to send it again is refused', () => {
  const view = move(new Uint8Array(4096));
  encode(view);
  expect(refusal([view])).toBe(
    'the value[0]: a detached buffer cannot be sent: it was moved by an earlier submit',
  );
  expect(refusal({ a: view.buffer })).toBe(
    'the value.a: a detached buffer cannot be sent: it was moved by an earlier submit',
  );
});

test('what is moved stays when something else in the value cannot be sent', () => {
  const view = move(new Uint8Array(4096));
  expect(refusal([view, new WeakMap()])).toContain('a WeakMap');
  expect(view.byteLength).toBe(4096);
});

test('all of it stays when some of it cannot be moved', () => {
  const view = new Uint8Array(4096);
  const heap = new Uint8Array(wasmMemory().buffer);
  for (const value of [
    [view, heap],
    [heap, view],
  ]) {
    expect(refusal(move(value))).toContain('cannot be moved: its memory belongs to others, too');
    expect([view.byteLength, heap.byteLength]).toEqual([4096, 65536]);
  }
});

test('memory that is shared among small Buffers is refused at once', () => {
  expect(() => move({ small: Buffer.from('abc') })).toThrow(
    'A small Buffer cannot be moved: its memory is shared with others',
  );
  expect(String(roundTrip(Buffer.from('abc')))).toBe('abc');
});

test('a Buffer with memory of its own can be moved', () => {
  const buffer = Buffer.allocUnsafeSlow(100).fill('x');
  expect(String(roundTrip(move(buffer)))).toBe('x'.repeat(100));
  expect(buffer.length).toBe(0);
});

test('memory that cannot be detached is refused when it is sent', () => {
  const memory = wasmMemory();
  expect(refusal([{ heap: move(new Uint8Array(memory.buffer)) }])).toContain(
    'the value[0].heap.buffer: cannot be moved: its memory belongs to others, too',
  );
  expect(memory.buffer.byteLength).toBe(65536);
});

const testResizable = testUnless(
  'resize' in ArrayBuffer.prototype ? undefined : 'this Node.js has no resizable buffers',
);

testResizable('a resizable buffer', () => {
  const type = ArrayBuffer as unknown as new (
    length: number,
    options: object,
  ) => ArrayBuffer & { maxByteLength: number };
  const buffer = new type(4096, { maxByteLength: 8192 });
  new Uint8Array(buffer).fill(7);
  const received = roundTrip(move(buffer));
  expect(isDetached(buffer)).toBe(true);
  expect([received.byteLength, received.maxByteLength, new Uint8Array(received)[5]]).toEqual([
    4096, 8192, 7,
  ]);
});

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

// The types of this package do not include WebAssembly.
function wasmMemory(): WasmMemory {
  const { Memory } = (
    globalThis as unknown as { WebAssembly: { Memory: new (size: object) => WasmMemory } }
  ).WebAssembly;
  return new Memory({ initial: 1 });
}
