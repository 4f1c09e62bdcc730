/** A debugger, attached to a process of Node.js: requests of the Chrome DevTools Protocol, by a WebSocket. */

import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

// Node.js 20 has no WebSocket; this is as much of one as a debugger needs.
const text = 0x81;
const masked = 0x80;
const mostIn = { oneByte: 125, twoBytes: 0xffff };

/** A connection to a debugger. */
export class DebuggerClient {
  readonly #socket: Duplex;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #received: Buffer = Buffer.alloc(0);
  #requests = 0;

  /** @param url - `ws://…`, as Node.js gives it */
  static attach(url: string): Promise<DebuggerClient> {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    return new Promise((resolve, reject) => {
      const asked = request(url.replace(/^ws:/, 'http:'), { headers });
      asked.on('upgrade', (_response, socket) => {
        resolve(new DebuggerClient(socket));
      });
      asked.on('response', ({ statusCode }) => {
        reject(new Error(`There is no debugger at ${url}: status ${statusCode}`));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#read();
    });
    socket.on('error', () => undefined); // the process has ended
    socket.on('close', () => {
      const error = { message: 'The process has closed the connection' };
      for (const answer of this.#answers.values()) answer({ error });
    });
  }

  /** Calls a method of the protocol, and returns its answer. */
  async call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#requests;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.#send(JSON.stringify({ id, method, params }));
    const { result, error } = await answered;
    this.#answers.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Calls a method whose answer does not matter. */
  tell(method: string, params: object = {}): void {
    this.call(method, params).catch(() => undefined);
  }

  /** Detaches, behind all that was called. */
  close(): void {
    this.#socket.end();
  }

  /** The value of an expression in the process. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return (answer as { result: { value?: unknown } }).result.value;
  }

  #send(message: string): void {
    const payload = Buffer.from(message);
    if (payload.length > mostIn.oneByte) throw new Error('A request is longer than any so far');
    const mask = Buffer.alloc(4); // changes nothing
    this.#socket.write(Buffer.concat([Buffer.of(text, masked | payload.length), mask, payload]));
  }

  #read(): void {
    for (;;) {
      const frame = frameIn(this.#received);
      if (frame === undefined) return;
      this.#received = this.#received.subarray(frame.end);
      if (frame.kind !== text) continue;
      const answer = JSON.parse(frame.payload.toString()) as Answer;
      if (answer.id !== undefined) this.#answers.get(answer.id)?.(answer);
    }
  }
}

interface Frame {
  kind: number;
  payload: Buffer;
  end: number;
}

/** The first frame; undefined if it is not all there. */
function frameIn(bytes: Buffer): Frame | undefined {
  const [kind = 0, size = 0] = bytes;
  const head = size <= mostIn.oneByte ? 2 : size === 126 ? 4 : 10;
  if (bytes.length < head) return undefined;
  const length =
    head === 2 ? size : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = head + length;
  return bytes.length < end ? undefined : { kind, payload: bytes.subarray(head, end), end };
}
