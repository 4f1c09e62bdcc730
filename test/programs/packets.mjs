/**
 * Sends a channel packets that no process of this version sends: their sender is lost, and nothing else happens. One
 * process is both sides: each channel is on a duplicate of MPI_COMM_SELF, through which raw bytes are sent. The addon is
 * MPI_FUTURES_ADDON.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deserialize, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { check } from './check.mjs';
import { randomOf } from './random.mjs';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

// The same variables as in lib/addon/library_settings.ts.
Object.assign(process.env, { UCX_ERROR_SIGNALS: '', UCX_MEM_EVENTS: 'no', UCX_DEBUG_SIGNO: '0' });
const addon = createRequire(import.meta.url)(process.env.MPI_FUTURES_ADDON);

const multiple = 3;
const control = 0;
const headSize = 24;
const kind = { data: 0, quit: 1, offered: 2, read: 3, readable: 4, ready: 5, heartbeat: 6, ping: 7, pong: 8, away: 9 }; // prettier-ignore

/** Channels, by their ids. */
const lines = new Map();

/** A channel of this process to itself. */
class Line {
  static async open(comm) {
    return new Line(comm ?? (await addon.duplicateSelf()));
  }

  constructor(comm) {
    this.comm = comm;
    this.channel = addon.openChannel(comm.id, false);
    this.messages = [];
    this.events = new Promise((resolve) => (this.happened = resolve));
    lines.set(this.channel, this);
  }

  /** What is offered can be read. */
  connect() {
    assert.ok(addon.connectDoorbell(this.channel, 0, addon.doorbell(), -1));
    return this;
  }

  /** What is sent from now on comes by a ring. */
  async byRing() {
    this.ring = await Ring.open(this);
    return this;
  }

  send(bytes, tag = control) {
    if (tag === control && this.ring?.write(bytes)) return this;
    void addon.exchange(this.comm.id, tag, [0, bytes], []);
    return this;
  }

  message(payload, buffers) {
    this.messages.push([Buffer.from(payload), ...buffers.map((buffer) => Buffer.from(buffer))]);
    if (payload[0] === last) this.happened('nothing');
  }

  lost(error) {
    this.happened(error.message);
  }

  /** Why its peer was lost, or `nothing`: the message behind it has come. */
  async outcome() {
    this.send(data({ more: [last] }));
    const outcome = await this.events;
    await this.close();
    return outcome;
  }

  /** As if its process had ended: whatever has come, it is lost then. */
  ended() {
    addon.peerEnded(this.channel, 0);
    return this.events;
  }

  async close() {
    addon.peerEnded(this.channel, 0);
    await addon.closeChannel(this.channel);
    lines.delete(this.channel);
    await this.ring?.close();
  }
}

/** A writer of rings that the channel of a worker has offered. */
class Ring {
  static async open(line) {
    const comm = await addon.duplicateSelf();
    const channel = addon.openChannel(comm.id, true);
    const offer = addon.offerRings(channel, 0);
    assert.equal(addon.openRings(line.channel, 0, offer), offer[1]);
    const ring = new Ring(channel, offer);
    addon.useRings(line.channel, 0, ring.pipe);
    return ring;
  }

  /** As in native/rings, from the first byte of the memory. */
  static #written = 64;
  static #data = 64 + 128;
  static #capacity = 256 << 10;

  #at = 0;

  constructor(channel, [[, fd], pipe]) {
    this.channel = channel;
    this.pipe = pipe;
    this.file = openSync(`/proc/self/fd/${fd}`, 'r+');
  }

  write(bytes) {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes.length));
    return this.writeRaw(size, bytes, Buffer.alloc(-bytes.length & 7));
  }

  /** Whatever it is, without a look at the room. */
  writeRaw(...parts) {
    const bytes = Buffer.concat(parts);
    for (let at = 0; at < bytes.length;) {
      const offset = this.#at % Ring.#capacity;
      const length = Math.min(bytes.length - at, Ring.#capacity - offset);
      at += writeSync(this.file, bytes, at, length, Ring.#data + offset);
      this.#at += length;
    }
    return this.setWritten(this.#at);
  }

  setWritten(position) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(position)));
    writeSync(this.file, bytes, 0, 8, Ring.#written);
    writeSync(this.pipe, Buffer.alloc(1)); // like PeerDoorbell::call()
    return true;
  }

  /** Of the ring in the other direction, which nobody reads. */
  setRead(position) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(position)));
    writeSync(this.file, bytes, 0, 8, Ring.#data + Ring.#capacity + 64);
  }

  async close() {
    closeSync(this.file);
    addon.peerEnded(this.channel, 0);
    await addon.closeChannel(this.channel);
  }
}

/** The payload of the message behind all others. */
const last = 255;

/** As in native/channel/channel.cc. */
function packet({ kind, buffers = 0, tag = 0, detail = 0, bulk = 0, words = [], more = [] }) {
  const bytes = Buffer.alloc(headSize + 8 * words.length);
  [kind, buffers, tag, detail].forEach((word, at) => bytes.writeUInt32LE(word, 4 * at));
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(bulk)), 16);
  words.forEach((word, at) => bytes.writeBigUInt64LE(BigInt(word), headSize + 8 * at));
  return Buffer.concat([bytes, Buffer.from(more)]);
}

const data = (fields) => packet({ kind: kind.data, ...fields });

/** Both ways of packets to a channel. */
const ways = [
  ['MPI', async () => (await Line.open()).connect()],
  ['a ring', async () => (await Line.open()).connect().byRing()],
];

/** Why the sender of these is lost, each a packet or [bytes, tag]. */
async function lossBy(open, ...sent) {
  const line = await open();
  for (const each of sent) line.send(...(each instanceof Buffer ? [each] : each));
  const reason = await line.events;
  await line.close();
  assert.deepEqual(line.messages, []);
  return reason;
}

/** Mostly of a right kind, mostly with small numbers: what is wrong at once tries nothing else. */
function randomPacket(random) {
  const number = () => [0, 1, 2, 3, 8, 32_766, 32_767, 2 ** 31, 2 ** 32 - 1][random(9)];
  const words = Array.from({ length: random(4) }, () =>
    random(4) === 0 ? (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32)) : random(5000),
  );
  const bytes = packet({
    kind: random(8) === 0 ? number() : random(10),
    buffers: random(3) === 0 ? number() : random(3),
    tag: random(3) === 0 ? number() : random(3),
    detail: number(),
    bulk: [0, 0, 8, 24, 200_000, -1, 2 ** 52][random(7)],
    words,
    more: Array.from({ length: random(20) }, () => random(256)),
  });
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

await addon.initialize(multiple, {
  messages(batch) {
    for (let at = 0; at < batch.length; at += 4)
      lines.get(batch[at])?.message(batch[at + 2], batch[at + 3] ?? []);
  },
  delivered() {},
  peerLeaves() {},
  peerLost: (channel, _, error) => lines.get(channel)?.lost(error),
  processEnded() {},
  packet() {},
  quit: () => assert.fail('told to quit by a worker'),
});
addon.hold(true);

async function rightPackets(open) {
  const [, [, , token], address] = addon.doorbell();
  const line = await open();
  line.send(data({ more: [1, 2, 3] }));
  line.send(data({ buffers: 2, tag: 1, words: [3, 0], more: [4] })).send(Buffer.from('abc'), 1);
  line.send(data({ tag: 2, bulk: 200_000 })).send(Buffer.alloc(200_000, 5), 2);
  line.send(packet({ kind: kind.offered, buffers: 1, words: [address, 8], more: [6] }));
  line.send(data({ buffers: 2, words: [3, 0], more: [...Buffer.from('def'), 7] }));
  assert.equal(await line.outcome(), 'nothing');
  const offered = Buffer.alloc(8);
  offered.writeBigUInt64LE(token);
  const come = line.messages.filter(([payload]) => payload[0] !== last);
  come.sort(([a], [b]) => a[0] - b[0]);
  assert.deepEqual(come, [
    [Buffer.from([1, 2, 3])],
    [Buffer.from([4]), Buffer.from('abc'), Buffer.alloc(0)],
    [Buffer.alloc(200_000, 5)],
    [Buffer.from([6]), offered],
    [Buffer.from([7]), Buffer.from('def'), Buffer.alloc(0)],
  ]);
}

await check(
  'right packets are messages: without buffers, with them inside, behind and offered',
  () => rightPackets(ways[0][1]),
);

await check(
  'right packets by a ring are messages: without buffers, with them inside, behind and offered',
  () => rightPackets(ways[1][1]),
);

const wrong = /^it has sent a message that no process of this version sends \(kind .*mpi-futures$/;
const cutOff = /^MPI_I(m?)recv: /;
const unreadable = /^process_vm_readv: /;

async function wrongPackets(open) {
  for (const [bytes, why] of [
    [Buffer.alloc(headSize - 1), cutOff],
    [packet({ kind: 10 }), wrong],
    [packet({ kind: 2 ** 32 - 1 }), wrong],
    [packet({ kind: kind.quit }), wrong],
    [packet({ kind: kind.ready }), wrong],
    [packet({ kind: kind.heartbeat, detail: 1 }), wrong],
    [data({ buffers: 1 }), cutOff],
    [data({ buffers: 2 ** 32 - 1, words: [1] }), cutOff],
    [data({ buffers: 1, words: [2n ** 64n - 1n] }), cutOff],
    [data({ buffers: 2, words: [1, 1], more: [1] }), cutOff],
    [data({ tag: 1 }), wrong],
    [data({ bulk: 8 }), wrong],
    [data({ buffers: 1, tag: 32_767 }), wrong],
    [data({ buffers: 1, tag: 1 }), cutOff],
    [data({ buffers: 2 ** 32 - 1, tag: 1, words: [1] }), cutOff],
    [data({ buffers: 1, tag: 1, words: [2n ** 64n - 1n] }), cutOff],
    [data({ tag: 1, bulk: -1 }), cutOff],
    [packet({ kind: kind.offered }), wrong],
    [packet({ kind: kind.offered, buffers: 2 }), cutOff],
    [packet({ kind: kind.offered, buffers: 2 ** 32 - 1, bulk: 1, words: [1] }), cutOff],
    [packet({ kind: kind.offered, bulk: -1, words: [8] }), cutOff],
    [packet({ kind: kind.offered, bulk: 8, words: [8] }), unreadable],
    [packet({ kind: kind.offered, buffers: 1, words: [8, 100] }), unreadable],
  ])
    assert.match(await lossBy(open, bytes), why, bytes.toString('hex'));
}

await check('packets that nobody sends: the loss of their sender', () => wrongPackets(ways[0][1]));

await check('packets by a ring that nobody sends: the loss of their sender', () =>
  wrongPackets(ways[1][1]),
);

/** No address of shared memory that a process of this version sends. */
const damagedAddresses = [
  ...[undefined, 'none', 5, -1n, 2n ** 64n].map((token) => [process.pid, 0, token]),
  ...[undefined, 5, [], ['here', 0, 0n], [process.pid, {}, 0n]],
];

await check('a damaged address of shared memory: an error, and nothing else', async () => {
  const line = await Line.open();
  const [host, memory, tokenAt] = addon.doorbell();
  const doorbells = [[host, memory, 'x'], [host], [5, memory, tokenAt], undefined];
  const connect = (doorbell) => addon.connectDoorbell(line.channel, 0, doorbell, -1);
  for (const use of [
    ...doorbells.map((damaged) => () => connect(damaged)),
    ...damagedAddresses.flatMap((damaged) => [
      () => connect([host, damaged, tokenAt]),
      () => addon.openRings(line.channel, 0, [damaged, 0]),
      () => addon.openMemory(damaged, 64),
    ]),
  ])
    assert.throws(use, { name: 'TypeError', message: 'an address of shared memory is damaged' });
  assert.equal(await line.connect().outcome(), 'nothing');
});

await check('a doorbell that may become shorter is not connected', async () => {
  const line = await Line.open();
  const [host, [pid, fd, token], tokenAt] = addon.doorbell();
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-packets-'));
  const copy = path.join(folder, 'doorbell');
  writeFileSync(copy, readFileSync(`/proc/self/fd/${fd}`));
  const file = openSync(copy, 'r+');
  const connect = (each) =>
    addon.connectDoorbell(line.channel, 0, [host, [pid, each, token], tokenAt], -1);
  assert.equal(connect(file), false);
  assert.equal(connect(fd), true);
  closeSync(file);
  rmSync(folder, { recursive: true });
  assert.equal(await line.outcome(), 'nothing');
});

await check('rings that are none are not opened: all goes on by MPI', async () => {
  const line = (await Line.open()).connect();
  const [, [pid, fd, token]] = addon.doorbell();
  for (const memory of [
    [pid, fd, token],
    [pid, -1, token],
    [pid, 1 << 20, token],
    [pid, 0, 0n],
  ])
    assert.ok(addon.openRings(line.channel, 0, [memory, 0]) < 0);
  assert.ok(addon.openRings(line.channel, 0, []) < 0);
  addon.useRings(line.channel, 0, 0);
  assert.equal(await line.outcome(), 'nothing');
});

await check(
  'a ring in which nothing can be: the loss of its sender, and of nobody else',
  async () => {
    const size = (bytes) => {
      const head = Buffer.alloc(8);
      head.writeBigUInt64LE(BigInt.asUintN(64, BigInt(bytes)));
      return head;
    };
    const other = await (await Line.open()).connect().byRing();
    for (const damage of [
      (ring) => ring.writeRaw(size(-1)),
      (ring) => ring.writeRaw(size(9), Buffer.alloc(8)),
      (ring) => ring.writeRaw(size(256 << 10), Buffer.alloc(8)),
      (ring) => ring.writeRaw(Buffer.alloc(7)),
      (ring) => ring.setWritten(-8),
      (ring) => ring.setWritten((512 << 10) + 8), // more than fits, whatever has been read
    ])
      for (const before of [[], [data({ more: [1] })]]) {
        const line = await (await Line.open()).connect().byRing();
        for (const each of before) line.send(each);
        damage(line.ring);
        assert.equal(await line.events, 'the memory that it shares with this process is damaged');
        // Messages before the damage arrive whole.
        assert.ok(line.messages.length <= before.length);
        await line.close();
      }
    assert.equal(await other.outcome(), 'nothing');
  },
);

await check('a ring of which nobody can have read so much: the loss of its reader', async () => {
  const fourthOfRing = 64 << 10;
  for (const read of [-8, 512 << 10]) {
    const line = await (await Line.open()).connect().byRing();
    line.ring.setRead(read);
    const payload = Buffer.alloc(fourthOfRing);
    for (let i = 0; i < 5; i++)
      addon.send(line.channel, 0, payload, payload.length, undefined, false);
    assert.equal(await line.events, 'the memory that it shares with this process is damaged');
    await line.close();
  }
});

/** A process with a doorbell, as long as this one is there. */
async function processWithDoorbell() {
  const code = `const addon = require(process.env.MPI_FUTURES_ADDON);
    process.stdout.write(require('node:v8').serialize(addon.doorbell()));
    process.stdin.resume().once('end', () => process.exit());`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [bytes] = await once(child.stdout, 'data');
  const end = async () => {
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
  return { doorbell: deserialize(bytes), end };
}

await check('what was offered is kept until its reader has ended', async () => {
  const reader = await processWithDoorbell();
  const line = await Line.open();
  assert.ok(addon.connectDoorbell(line.channel, 0, reader.doorbell, -1));
  line.send(packet({ kind: kind.readable })).send(data({ more: [last] }));
  assert.equal(await line.events, 'nothing');
  const offered = ((memory) => {
    addon.send(line.channel, 0, Buffer.from('x'), 1, [memory], false);
    return new WeakRef(memory);
  })(new ArrayBuffer(1 << 20));
  line.events = new Promise((resolve) => (line.happened = resolve));
  await line.ended(); // as far as this channel knows
  const collect = async () => {
    await pause(10); // finalizers
    gc();
    return offered.deref() === undefined;
  };
  for (let round = 0; round < 5; round++) assert.equal(await collect(), false);
  await reader.end();
  for (let round = 0; round < 1000 && !(await collect()); round++);
  assert.equal(offered.deref(), undefined);
  await line.close();
});

await check('memory that was not asked for is not read', async () => {
  const [, , address] = addon.doorbell();
  const line = await Line.open();
  line.send(packet({ kind: kind.offered, buffers: 1, words: [address, 8] }));
  assert.match(await line.outcome(), wrong);
});

await check('what is unasked for and harmless changes nothing', async () => {
  for (const bytes of [
    packet({ kind: kind.pong }),
    packet({ kind: kind.ping }),
    packet({ kind: kind.away, detail: 1 }),
    packet({ kind: kind.read, detail: 12_345 }),
  ])
    assert.equal(await (await Line.open()).send(bytes).outcome(), 'nothing');
});

await check('bulk that is shorter than was said: the loss of its sender', async () => {
  const chunk = 1 << 20;
  const body = data({ tag: 1, bulk: 200_000 });
  const buffer = data({ buffers: 1, tag: 1, words: [2 * chunk] });
  for (const sent of [
    [body, [Buffer.alloc(199_999), 1]],
    [buffer, [Buffer.alloc(chunk - 1), 1], [Buffer.alloc(chunk), 1]],
    [buffer, [Buffer.alloc(chunk), 1], [Buffer.alloc(1), 1]],
  ])
    for (const [, open] of ways) assert.match(await lossBy(open, ...sent), cutOff);
});

await check(
  'random packets: whatever they say, their channel ends, and the others go on',
  async () => {
    const random = randomOf(Number(process.env.MPI_FUTURES_TEST_SEED ?? 1));
    const rounds = Number(process.env.MPI_FUTURES_TEST_ROUNDS ?? 10);
    const comms = await Promise.all(Array.from({ length: 50 }, () => addon.duplicateSelf()));
    const other = await Line.open();
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        comms.map(async (comm) => {
          const line = await Line.open(comm);
          const way = random(3);
          if (way > 0) line.connect();
          if (way > 1) await line.byRing();
          for (let count = 1 + random(3); count > 0; count--) line.send(randomPacket(random));
          await line.ended();
          await line.close();
        }),
      );
    }
    assert.equal(await other.outcome(), 'nothing');
  },
);

await check('memory of large messages is used again, as the next ones need it', async () => {
  const size = 160 << 20;
  const marks = [1, 2];
  // Both exist at the same time.
  const allocate = () => marks.map(() => new Uint8Array(addon.allocate(size)));
  const mark = () => void allocate().forEach((bytes, i) => (bytes[0] = marks[i]));
  let found;
  // Memory is kept for two seconds, and the system may take it earlier: so this tries several times.
  for (let attempt = 0; attempt < 10; attempt++) {
    mark();
    gc();
    await pause(10); // finalizers
    found = allocate().map(([first]) => first); // memory from the system is all zeros
    if (found.every(Boolean) && new Set(found).size === marks.length) break;
    gc();
    await pause(10);
  }
  assert.deepEqual(found.sort(), marks);
});

await check(
  'what is asked of MPI after its end is refused, and its memory is let go of',
  async () => {
    const line = await Line.open();
    const { comm } = await line.close().then(() => line);
    await addon.finalizeLater();
    const channel = addon.openChannel(comm.id, false);
    const refused = [];
    const refuse = (promise) => void refused.push(promise.catch(({ message }) => message));
    const memory = [
      (bytes) => addon.send(channel, 0, Buffer.from('x'), 1, [bytes.buffer], false),
      (bytes) => addon.send(channel, 0, bytes, bytes.length, undefined, true),
      (bytes) => refuse(addon.exchange(comm.id, 1, [0, bytes], [])),
      (bytes) => refuse(addon.exchange(comm.id, 1, [0, bytes.subarray(1, 9)], [])),
    ].map((use) => {
      const bytes = new Uint8Array(1 << 20);
      use(bytes);
      return new WeakRef(bytes.buffer);
    });
    for (let round = 0; round < 100 && memory.some((each) => each.deref()); round++) {
      await pause(10);
      gc();
    }
    assert.deepEqual(
      memory.map((each) => each.deref()?.byteLength),
      [undefined, undefined, undefined, undefined],
    );
    refuse(addon.duplicateSelf());
    for (const message of await Promise.all(refused)) assert.match(message, /^MPI has ended, /);
  },
);

addon.hold(false);
addon.end(process.exitCode ?? 0);
