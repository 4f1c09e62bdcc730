/** Messages between the program and a worker thread: by a ring or by a port, in one order. Both ends are in one thread here. */
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';

import {
  createThreadRings,
  lastingMemory,
  ThreadChannel,
} from '../../lib/workers/threads/thread_channel.js';

/** Bytes are texts here, of a character each: they are compared faster. */
type Received = readonly [bytes: string, buffers: string[] | undefined];

function text(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString('latin1');
}

class End {
  readonly received: Received[] = [];
  batches = 0;
  readonly errors: Error[] = [];
  onMessage = (): void => undefined;
  readonly channel: ThreadChannel;

  constructor(
    port: MessageChannel['port1'],
    rings: ReturnType<typeof createThreadRings>,
    isThread: boolean,
  ) {
    this.channel = new ThreadChannel(port, rings, isThread, {
      message: (payload, buffers) => {
        this.received.push([text(payload), buffers?.map(text)]);
        this.onMessage();
      },
      receive: (turn) => {
        turn();
      },
      batchEnded: () => this.batches++,
      unreadable: (error) => {
        this.errors.push(error);
      },
      signal: (signal) => this.received.push([signal, undefined]),
    });
  }
}

async function withChannel(
  test: (
    program: End,
    thread: End,
    port: MessageChannel['port1'],
    rings: ReturnType<typeof createThreadRings>,
  ) => Promise<void>,
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const rings = createThreadRings();
  try {
    await test(new End(port1, rings, false), new End(port2, rings, true), port1, rings);
  } finally {
    port1.close();
  }
}

async function arrived(end: End, count: number): Promise<void> {
  const deadline = Date.now() + 60_000; // a lost message ends the test
  while (end.received.length < count && Date.now() < deadline) await new Promise(setImmediate);
}

type Sent = Readonly<{
  size: number;
  large: boolean;
  how: 'plain' | 'buffers' | 'lasting' | 'signal';
}>;

/** Sends it, and returns what must arrive. */
function send({ channel }: End, { size, large, how }: Sent, seed: number): Received {
  if (how === 'signal') {
    channel.signal('ready');
    return ['ready', undefined];
  }
  const length = large ? size * 8 : size;
  const bytes = Uint8Array.from({ length }, (_, i) => seed + i);
  if (how === 'buffers') {
    const buffer = Uint8Array.of(seed, 2).buffer;
    // A longer memory, as that of a writer, which writes the next message into it at once.
    const writer = new Uint8Array(length + 3);
    writer.set(bytes);
    channel.send(writer, length, [buffer]);
    writer.fill(0);
    return [text(bytes), [text(Uint8Array.of(seed, 2))]];
  }
  if (how === 'lasting') {
    const memory = lastingMemory(length);
    memory.set(bytes);
    channel.sendLasting(memory);
  } else {
    const writer = new Uint8Array(length + 3);
    writer.set(bytes);
    channel.send(writer, length);
    writer.fill(0);
  }
  return [text(bytes), undefined];
}

const sendings = fc.array(
  fc.record({
    size: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 16_400 })),
    large: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    how: fc.constantFrom('plain', 'plain', 'plain', 'plain', 'buffers', 'lasting', 'signal'),
    fromThread: fc.boolean(),
    pause: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 80 },
);

test('messages arrive once each, unchanged and in order, whichever way each goes', async () => {
  await fc.assert(
    fc.asyncProperty(sendings, (plan) =>
      withChannel(async (program, thread) => {
        const sent: [Received[], Received[]] = [[], []];
        for (const [seed, { fromThread, pause, ...what }] of plan.entries()) {
          sent[fromThread ? 1 : 0].push(send(fromThread ? thread : program, what, seed));
          if (pause) await new Promise(setImmediate);
        }
        await arrived(thread, sent[0].length);
        await arrived(program, sent[1].length);
        expect(thread.received).toEqual(sent[0]);
        expect(program.received).toEqual(sent[1]);
      }),
    ),
    { numRuns: 100 },
  );
});

test('more than a ring holds goes on by the port, and then by the ring again', () =>
  withChannel(async (program, thread, port) => {
    const count = 3000; // of 200 bytes: four times what the ring holds
    const expected = Array.from({ length: count }, (_, seed) =>
      send(program, { size: 200, large: false, how: 'plain' }, seed),
    );
    await arrived(thread, count);
    expect(thread.received).toEqual(expected);
    for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate); // it sleeps
    const posts = jest.spyOn(port, 'postMessage');
    const last = send(program, { size: 200, large: false, how: 'plain' }, 1);
    expect(posts.mock.calls).toEqual([[null]]); // which only wakes
    await arrived(thread, count + 1);
    expect(thread.received.at(-1)).toEqual(last);
  }));

test('a side that sends without a pause leaves the other one its timers', () =>
  withChannel(async (program, thread) => {
    const most = 500_000;
    const timer = { isOver: false };
    setTimeout(() => (timer.isOver = true), 1);
    program.onMessage = () => {
      if (!timer.isOver && program.received.length < most) thread.channel.send(Buffer.alloc(8), 8);
    };
    thread.channel.send(Buffer.alloc(8), 8);
    await arrived(program, 1);
    while (!timer.isOver) await new Promise(setImmediate);
    expect(program.received.length).toBeLessThan(most);
  }));

test('what cannot be in a ring is told, and no later message comes', () =>
  withChannel(async (program, thread, _port, rings) => {
    send(thread, { size: 5, large: false, how: 'plain' }, 1);
    send(thread, { size: 5, large: false, how: 'plain' }, 2);
    new Int32Array(rings.toProgram, 128)[0] = -5; // the length of the first
    while (program.errors.length === 0) await new Promise(setImmediate);
    expect(program.errors[0]!.message).toMatch('damaged');
    expect(program.received).toEqual([]);
  }));

test('what an ended side had sent is received', () =>
  withChannel(async (program, thread, port) => {
    const expected = ['plain', 'buffers', 'plain', 'signal', 'lasting'].map((how, seed) =>
      send(thread, { size: 9, large: false, how: how as Sent['how'] }, seed),
    );
    program.channel.receiveAll();
    expect(program.received).toEqual(expected);
    port.close();
    await new Promise(setImmediate);
    expect(program.received).toEqual(expected);
  }));
