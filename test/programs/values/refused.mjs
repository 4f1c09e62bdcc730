/** Things of this process only, and what is said of each; and state of instances that would not arrive. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { webcrypto, createHash, createSecretKey } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { asCompleted, collect, CommExecutor } from 'mpi-futures';

const handle = Symbol('handle');

/** As that of better-sqlite3. */
class Database {
  constructor() {
    Object.defineProperty(this, handle, { value: createHash('sha1') });
  }

  prepare() {
    return this[handle].update('x').digest('hex');
  }
}

function* generate() {
  yield 1;
}

const makeThere = 'make it inside the task';
const openThere = 'open it inside the task';

/** Rows of [message, value]. */
export async function refusedValues(pool) {
  const file = await fs.promises.open('/dev/null');
  const { port1, port2 } = new MessageChannel();
  port1.close();
  await file.close();
  const key = await webcrypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, [
    'encrypt',
  ]);
  const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const { signal } = new AbortController();
  return [
    [
      `a Database cannot be sent: it would lose Symbol(handle); ${openThere}, or give its class [pack]() and static [unpack]()`,
      new Database(),
    ],
    [
      `a ${pool.constructor.name} cannot be sent: its workers belong to this process; make an executor inside the task`,
      pool,
    ],
    [
      'a MapResults cannot be sent: send what it gives: await results.toArray()',
      pool.map((x) => x, []),
    ],
    [
      'an AsCompleted cannot be sent: send the results of its futures: await each of them',
      asCompleted([]),
    ],
    [
      'a CommExecutor cannot be sent: it belongs to this process; make an executor inside the task',
      new CommExecutor(),
    ],
    ['a Trace cannot be sent: send its toJSON()', pool.trace()],
    ['a Promise cannot be sent: await it first', collect([])],
    ['a Module cannot be sent: send its bytes and compile them inside the task', module],
    [
      'an Instance cannot be sent: send the bytes of its module and instantiate it inside the task',
      new WebAssembly.Instance(module),
    ],
    [
      'a Memory cannot be sent: send a copy of its buffer: memory.buffer.slice(0)',
      new WebAssembly.Memory({ initial: 1 }),
    ],
    ['a module namespace cannot be sent: send what it exports', await import('./refused.mjs')],
    ['a Promise cannot be sent: await it first', Promise.resolve(1)],
    ['a Generator cannot be sent: send its values: [...generator]', generate()],
    ['a WeakMap cannot be sent: send a Map', new WeakMap()],
    [`a FinalizationRegistry cannot be sent: ${makeThere}`, new FinalizationRegistry(() => 1)],
    [`a Socket cannot be sent: ${openThere}`, new net.Socket()],
    [`a Server cannot be sent: ${openThere}`, http.createServer()],
    [`an Agent cannot be sent: ${makeThere}`, new http.Agent()],
    [`a FileHandle cannot be sent: ${openThere}`, file],
    ['a Stats cannot be sent: send what is needed of it', fs.statSync('/')],
    [`a Hash cannot be sent: ${makeThere}`, createHash('sha1')],
    ['a SecretKeyObject cannot be sent: send key.export()', createSecretKey(Buffer.from('k'))],
    ['a CryptoKey cannot be sent: send what crypto.subtle.exportKey() returns', key],
    [`a MessagePort cannot be sent: ${makeThere}`, port2],
    ['a Readable cannot be sent: read it first and send what is in it', new Readable()],
    [`a PassThrough cannot be sent: ${makeThere}`, new PassThrough()],
    ['a ReadableStream cannot be sent: read it first and send what is in it', new ReadableStream()],
    [`a TextDecoder cannot be sent: ${makeThere}`, new TextDecoder()],
    [`an AsyncLocalStorage cannot be sent: ${makeThere}`, new AsyncLocalStorage()],
    ['an AbortSignal cannot be sent: use taskSignal() inside the task', signal],
    ['a Headers cannot be sent: send [...headers]', new Headers()],
    ['a Blob cannot be sent: send await blob.arrayBuffer()', new Blob([])],
    ['a FormData cannot be sent: send [...formData]', new FormData()],
    [`a NumberFormat cannot be sent: ${makeThere}`, new Intl.NumberFormat()],
  ];
}
