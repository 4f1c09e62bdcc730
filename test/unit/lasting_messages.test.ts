/** A message for many workers is encoded once, and is one piece of memory for all of them. */
import { MessageChannel } from 'node:worker_threads';

import { TaskEncoder } from '../../lib/executors/task_encoder.js';
import { programFunctions } from '../../lib/pool/functions.js';
import { Pool } from '../../lib/pool/pool.js';
import type { Client } from '../../lib/pool/client.js';
import {
  createThreadRings,
  lastingMemory,
  ThreadChannel,
} from '../../lib/workers/threads/thread_channel.js';
import { decodeMessage, MessageKind, type ClientSetup } from '../../lib/tasks/messages.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import { clientOptions, SimulatedWorkers } from './simulated_workers.js';

const count = 8;
const encoder = new TaskEncoder(programFunctions, undefined, true);

function sent(workers: SimulatedWorkers, kind: number): Uint8Array[] {
  return workers.lasting.filter(([first]) => first === kind);
}

async function poolWithLargeSetup(): Promise<{
  workers: SimulatedWorkers;
  pool: Pool;
  client: Client;
}> {
  const workers = new SimulatedWorkers(count);
  const pool = new Pool(workers);
  const globals = { bytes: new Uint8Array(1 << 20).fill(7) };
  const setup = { globals } as unknown as Omit<ClientSetup, 'client'>;
  const client = pool.addClient({ ...clientOptions(), setup });
  const started = pool.start();
  workers.areThere();
  await started;
  for (let worker = 0; worker < count; worker++) workers.isReady(worker, client.id);
  return { workers, pool, client };
}

test('the set-up of an executor', async () => {
  const { workers, client } = await poolWithLargeSetup();
  const setups = sent(workers, MessageKind.setup);
  expect(setups).toHaveLength(count);
  expect(new Set(setups).size).toBe(1);
  const decoded = decodeMessage(setups[0]!) as ClientSetup;
  expect(decoded.client).toBe(client.id);
  expect(decoded.globals.bytes.byteLength).toBe(1 << 20);
  expect(decoded.globals.bytes.every((byte) => byte === 7)).toBe(true);
});

test('what a map captures', async () => {
  const { workers, client } = await poolWithLargeSetup();
  const large = new Uint8Array(1 << 20).fill(3);
  const called = encoder.freeze((index: number) => large[index]);
  for (let index = 0; index < count; index++)
    void client.submit(encoder.encode(called, [index], false, plainSnapshot), null);
  await new Promise(setImmediate);
  const definitions = sent(workers, MessageKind.define).filter(
    ({ byteLength }) => byteLength > 1 << 20,
  );
  expect(definitions).toHaveLength(count);
  expect(new Set(definitions).size).toBe(1);
});

test('threads share it, and each makes its own copy when it receives it', async () => {
  const message = lastingMemory(1 << 20);
  expect(message.buffer).toBeInstanceOf(SharedArrayBuffer);
  message.fill(5);
  const { port1, port2 } = new MessageChannel();
  const rings = createThreadRings();
  const ignored = {
    receive: (turn: () => void): void => {
      turn();
    },
    batchEnded: () => undefined,
    unreadable: () => undefined,
    signal: () => undefined,
  };
  const sender = new ThreadChannel(port1, rings, false, { ...ignored, message: () => undefined });
  const received = await new Promise<Buffer[]>((resolve) => {
    const all: Buffer[] = [];
    new ThreadChannel(port2, rings, true, {
      ...ignored,
      message: (payload) => {
        if (all.push(payload) === 3) resolve(all);
      },
    });
    sender.sendLasting(message);
    sender.sendLasting(message);
    sender.sendLasting(lastingMemory(10).fill(6));
  });
  port1.close();
  const [first, second, small] = received;
  expect(first!.buffer).not.toBeInstanceOf(SharedArrayBuffer);
  expect(first!.buffer).not.toBe(second!.buffer);
  expect(first!.equals(message)).toBe(true);
  expect([...small!]).toEqual(Array<number>(10).fill(6));
});
