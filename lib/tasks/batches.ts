/**
 * Batches of tasks and of results: the most frequent messages.
 *
 * A batch is a sequence of segments. A segment has a header of 16 bytes (encoding, client, number of entries, length),
 * for results the run time of each entry (float32, milliseconds), and then the entries. Neighbouring entries that are
 * exact JSON share one segment, which is one JSON text, written and read by one call. A structured value has a segment
 * of its own.
 */

import { messageHead } from './messages.js';
import type { EncodedValue } from '../values/encoded_value.js';
import { damaged } from '../values/wire/damage.js';
import { countBuffers, decodeStructure, functionsIn } from '../values/structure.js';
import type { FunctionsIn } from '../values/functions_in_out.js';
import { mostKept } from '../values/wire/words.js';

/** Flags of a task entry. */
export const taskFlags = {
  none: 0,
  /** The arguments are a `Chunk` (chunks.ts) of calls, the result a list of results. */
  chunk: 1,
  /** The value is [function, arguments]: the function has captured variables. */
  closure: 2,
  /** The arguments were encoded by the executor's own codec. */
  custom: 4,
  /** The worker reports when the function is called. */
  timed: 8,
  /** Times the number of `undefined` that follow the arguments: JSON has none, and an argument that is left out often is. */
  undefinedArgument: 32,
  /** Times the number of workers that were lost while they ran the task. */
  lostAttempt: 256,
} as const;

/** The largest number of `undefined` at the end of the arguments that `taskFlags.undefinedArgument` can express. */
export const mostUndefinedArguments = 7;

/** Flags of a result entry. */
export const resultFlags = {
  value: 0,
  /** The value was thrown. */
  error: 1,
  /** The value was encoded by the executor's own codec. */
  custom: 2,
  /** The task was not run: it had been aborted. */
  dropped: 4,
} as const;

/** One task or result that was read; {@link valueOf} gives its value. */
export interface BatchEntry {
  client: number;
  id: number;
  /** For tasks the function's id, for results 0. */
  fn: number;
  flags: number;
  /** The run time on the worker in milliseconds; for results only. */
  runTime: number;
  /** The time of the worker's clock when the function was called; 0 where that is not traced. For results only. */
  start: number;
  /** The value, or undefined if it is in `structured`. */
  value: unknown;
  structured: StructuredEntry | undefined;
}

/**
 * The bytes and buffers of a structured value, not decoded yet: decoding may fail, and must then fail only this entry.
 */
export interface StructuredEntry {
  bytes: Uint8Array;
  buffers: readonly ArrayBuffer[];
}

const segmentHead = 16;
const json = 0;
const structured = 1;
const structuredHead = 24;
const runTimeSize = 4;
/** Added to the encoding of results whose run times are followed by the times of their starts. */
const withStarts = 2;
const startSize = 8;

/**
 * The value of an entry.
 *
 * @throws the errors of decoding
 */
export function valueOf(entry: BatchEntry, functions: FunctionsIn): unknown {
  return entry.structured === undefined
    ? entry.value
    : decodeStructure(entry.structured.bytes, entry.structured.buffers, functions);
}

// Read at import, before a task can replace it.
const { parse } = JSON;
const none: readonly number[] = [];

/** The ids of the functions in the value of an entry, which must be available before it is decoded. */
export function functionsNamedIn({ structured: value }: BatchEntry): readonly number[] {
  return value === undefined ? none : functionsIn(value.bytes);
}

const firstSize = 1 << 17;

/** Collects entries for one message. One writer serves all messages of a process and keeps none of their data. */
export class BatchWriter {
  readonly #timed: boolean;
  readonly #kind: number;
  #bytes!: Buffer;
  #end = messageHead;
  #buffers: ArrayBuffer[] = [];
  #text = '';
  // Kept from the last entry, since most entries have the same: each concatenation makes a string.
  #fn = -1;
  #flags = -1;
  #withoutValue = '';
  #beforeValue = '';
  #client = 0;
  #count = 0;
  #runTimes = new Float32Array(256);
  #starts = new Float64Array(256);
  #isTraced = false;
  #entries = 0;

  /** @param kind - `MessageKind.tasks` or `MessageKind.results`; results carry run times */
  constructor(kind: number, timed: boolean) {
    this.#kind = kind;
    this.#timed = timed;
    this.#begin();
  }

  /** True: the starts of results are written, too. Changed between two messages. */
  set isTraced(on: boolean) {
    this.#isTraced = on;
  }

  /** The number of entries added since the last message. */
  get entries(): number {
    return this.#entries;
  }

  add(
    client: number,
    id: number,
    fn: number,
    flags: number,
    value: EncodedValue | undefined,
    runTime: number,
    start = 0,
  ): void {
    this.#entries++;
    if (typeof value === 'object') {
      this.#addStructured(client, id, fn, flags, value, runTime, start);
      return;
    }
    if (this.#count > 0 && this.#client !== client) this.#closeText();
    this.#client = client;
    if (fn !== this.#fn || flags !== this.#flags) {
      this.#fn = fn;
      this.#flags = flags;
      this.#withoutValue = `,${fn},${flags}`;
      this.#beforeValue = `,${fn},${flags},`;
    }
    const open = this.#count === 0 ? '[' : '],[';
    this.#text +=
      value === undefined
        ? `${open}${id}${this.#withoutValue}`
        : `${open}${id}${this.#beforeValue}${value}`;
    if (this.#timed) this.#rememberTimes(runTime, start);
    this.#count++;
  }

  /**
   * Passes the message on and begins a new one. `payload` is reused: it must be sent (copied) before the next `add`.
   */
  finish(
    send: (
      payload: Uint8Array,
      length: number,
      buffers: readonly ArrayBuffer[] | undefined,
    ) => void,
  ): void {
    this.#closeText();
    try {
      send(this.#bytes, this.#end, this.#buffers.length === 0 ? undefined : this.#buffers);
    } finally {
      this.#end = messageHead;
      if (this.#buffers.length > 0) this.#buffers = [];
      this.#entries = 0;
      if (this.#bytes.length > mostKept) this.#begin();
    }
  }

  #begin(): void {
    this.#bytes = Buffer.allocUnsafeSlow(firstSize);
    this.#bytes.fill(0, 0, messageHead);
    this.#bytes[0] = this.#kind;
  }

  #addStructured(
    client: number,
    id: number,
    fn: number,
    flags: number,
    value: StructuredEntry,
    runTime: number,
    start: number,
  ): void {
    this.#closeText();
    const length = structuredHead + value.bytes.byteLength;
    const encoding = this.#isTraced ? structured + withStarts : structured;
    let at = this.#openSegment(encoding, client, 1, length + this.#timesSize);
    if (this.#timed) at = this.#bytes.writeFloatLE(runTime, at);
    if (this.#isTraced) at = this.#bytes.writeDoubleLE(start, at);
    at = this.#bytes.writeDoubleLE(id, at);
    at = this.#bytes.writeUInt32LE(fn, at);
    at = this.#bytes.writeUInt32LE(flags, at);
    at = this.#bytes.writeDoubleLE(value.bytes.byteLength, at);
    this.#bytes.set(value.bytes, at);
    this.#end = at + value.bytes.byteLength;
    for (const buffer of value.buffers) this.#buffers.push(buffer);
  }

  #closeText(): void {
    if (this.#count === 0) return;
    const text = `[${this.#text}]]`;
    const times = this.#timesSize * this.#count;
    const longest = times + 3 * text.length;
    const head = this.#end;
    const encoding = this.#isTraced ? json + withStarts : json;
    let at = this.#openSegment(encoding, this.#client, this.#count, longest);
    if (this.#timed) {
      for (let index = 0; index < this.#count; index++) {
        at = this.#bytes.writeFloatLE(this.#runTimes[index] ?? 0, at);
      }
    }
    if (this.#isTraced) {
      for (let index = 0; index < this.#count; index++)
        at = this.#bytes.writeDoubleLE(this.#starts[index] ?? 0, at);
    }
    this.#end = at + this.#bytes.write(text, at);
    this.#bytes.writeUInt32LE(this.#end - head - segmentHead, head + 12);
    this.#text = '';
    this.#count = 0;
  }

  #openSegment(encoding: number, client: number, count: number, length: number): number {
    this.#reserve(segmentHead + length);
    const at = this.#end;
    this.#bytes.writeUInt32LE(encoding, at);
    this.#bytes.writeUInt32LE(client, at + 4);
    this.#bytes.writeUInt32LE(count, at + 8);
    this.#bytes.writeUInt32LE(Math.min(length, 0xffffffff), at + 12);
    return at + segmentHead;
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#end + length));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }

  /** The bytes of the times of one entry. */
  get #timesSize(): number {
    return (this.#timed ? runTimeSize : 0) + (this.#isTraced ? startSize : 0);
  }

  #rememberTimes(runTime: number, start: number): void {
    if (this.#count === this.#runTimes.length) {
      const more = new Float32Array(2 * this.#count);
      more.set(this.#runTimes);
      this.#runTimes = more;
      const moreStarts = new Float64Array(2 * this.#count);
      moreStarts.set(this.#starts);
      this.#starts = moreStarts;
    }
    this.#runTimes[this.#count] = runTime;
    if (this.#isTraced) this.#starts[this.#count] = start;
  }
}

/**
 * Calls `visit` for each entry of a message, in order. Entries that are exact JSON are passed in one object, which is
 * filled anew for each: a caller that keeps an entry copies it.
 *
 * @throws for a message that no {@link BatchWriter} has written; the entries before the damage have been visited
 */
export function readBatch(
  message: Buffer,
  buffers: readonly ArrayBuffer[] | undefined,
  timed: boolean,
  visit: (entry: BatchEntry) => void,
): void {
  let nextBuffer = 0;
  for (let at = messageHead; at < message.length;) {
    const encoding = message.readUInt32LE(at);
    const client = message.readUInt32LE(at + 4);
    const count = message.readUInt32LE(at + 8);
    const body = at + segmentHead;
    const isTraced = timed && (encoding & withStarts) !== 0;
    const kind = isTraced ? encoding - withStarts : encoding;
    if (kind === json) {
      const end = body + message.readUInt32LE(at + 12);
      if (end > message.length) throw damaged('a segment is cut off');
      readJson(message, body, end, client, count, timed, isTraced, visit);
      at = end;
      continue;
    }
    if (kind !== structured) throw damaged(`unknown encoding ${encoding}`);
    const runTime = timed ? readRunTime(message, body) : 0;
    const startAt = timed ? body + runTimeSize : body;
    const start = isTraced ? readStart(message, startAt) : 0;
    const head = isTraced ? startAt + startSize : startAt;
    const valueAt = head + structuredHead;
    at = valueAt + message.readDoubleLE(head + 16);
    // Written so that NaN is refused, too.
    if (!(at >= valueAt && at <= message.length)) throw damaged('a value is cut off');
    const bytes = message.subarray(valueAt, at);
    const used = countBuffers(bytes);
    if (nextBuffer + used > (buffers?.length ?? 0)) throw damaged('a buffer is missing');
    visit({
      client,
      id: message.readDoubleLE(head),
      fn: message.readUInt32LE(head + 8),
      flags: message.readUInt32LE(head + 12),
      runTime,
      start,
      value: undefined,
      structured: { bytes, buffers: buffers?.slice(nextBuffer, nextBuffer + used) ?? [] },
    });
    nextBuffer += used;
  }
  if (buffers !== undefined && nextBuffer < buffers.length)
    throw damaged('one of the buffers is not used');
}

/** Reads a run time. An invalid one would stay in estimates and statistics, so it is rejected. */
function readRunTime(message: Buffer, at: number): number {
  const runTime = message.readFloatLE(at);
  if (!(runTime >= 0 && runTime < Infinity)) throw damaged(`a run time is ${runTime}`);
  return runTime;
}

function readStart(message: Buffer, at: number): number {
  const start = message.readDoubleLE(at);
  if (!(start >= 0 && start < Infinity)) throw damaged(`a time is ${start}`);
  return start;
}

function readJson(
  message: Buffer,
  start: number,
  end: number,
  client: number,
  count: number,
  timed: boolean,
  isTraced: boolean,
  visit: (entry: BatchEntry) => void,
): void {
  const startsAt = timed ? start + runTimeSize * count : start;
  const textAt = isTraced ? startsAt + startSize * count : startsAt;
  const entries = parse(message.toString('utf8', textAt, end)) as [
    number,
    number,
    number,
    unknown?,
  ][];
  if (entries.length !== count)
    throw damaged(`expected ${count} entries but received ${entries.length}`);
  const entry: BatchEntry = { client, id: 0, fn: 0, flags: 0, runTime: 0, start: 0, value: undefined, structured: undefined }; // prettier-ignore
  for (let index = 0; index < count; index++) {
    const row = entries[index]!;
    entry.id = row[0];
    entry.fn = row[1];
    entry.flags = row[2];
    entry.value = row[3];
    entry.runTime = timed ? readRunTime(message, start + runTimeSize * index) : 0;
    if (isTraced) entry.start = readStart(message, startsAt + startSize * index);
    visit(entry);
  }
}
