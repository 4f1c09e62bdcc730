/**
 * What stands on the wire: the bytes of the whole table of values, and of the samples, are those in golden.json. Who means to
 * change the format changes `format` in codes.ts as well, and writes the file anew: UPDATE_GOLDEN=1 npm test -- golden
 */

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeValue } from '../../../lib/values/encoded_value.js';
import { codes } from '../../../lib/values/wire/codes.js';
import { kinds } from '../../../lib/values/kinds/table.js';
import { roots } from '../../../lib/values/refusing/paths.js';
import { encodeStructure, type EncodedStructure } from '../../../lib/values/structure.js';
import { decode, Functions, refusal, snapshot } from './codec.js';
import { expectSame } from './same.js';
import { functions as functionsOfSamples, samples } from './samples.js';
import { refused, table } from './table.js';

const rows = Object.fromEntries(Object.values(table).map(({ name, value }) => [name, value]));
for (const error of errorsIn(rows)) fixStack(error);
// The place of a small Buffer in Node's pool depends on earlier ones.
rows['a Buffer'] = Buffer.alloc(4, 'text');

const file = path.join(import.meta.dirname, 'golden.json');
const longest = 400;

/** Where an error was made differs from machine to machine. */
function fixStack(error: Error): void {
  Object.defineProperty(error, 'stack', { value: `${error.name}\n    at somewhere:1:1` });
}

function* errorsIn(values: object): Iterable<Error> {
  for (const value of Object.values(values) as unknown[]) {
    if (!(value instanceof Error || value instanceof DOMException)) continue;
    yield value;
    yield* errorsIn([value.cause, ...((value as Partial<AggregateError>).errors ?? [])]);
  }
}

/** The bytes, or what tells them from others if they are many. */
function textOf({ bytes, buffers, functions }: EncodedStructure): string {
  const ids = functions.length === 0 ? '' : ` ids ${functions.join()}`;
  if (bytes.byteLength <= longest && buffers.length === 0)
    return Buffer.from(bytes).toString('hex') + ids;
  const hash = createHash('sha256').update(bytes);
  for (const buffer of buffers) hash.update(new Uint8Array(buffer));
  const lengths = [bytes, ...buffers].map(({ byteLength }) => byteLength);
  return `sha256 ${hash.digest('hex')} of ${lengths.join(' + ')} bytes${ids}`;
}

/**
 * Where functions are made anew, instances are unpacked, errors lose their class, getters are read, or the prototype does not
 * say how to compare: other tests do.
 */
const differs = new Set([
  rows['an instance that packs itself'],
  rows['a getter'],
  ...['functions', 'packed', 'errors of classes', 'without prototype', 'with more'].map(sampleOf),
  ...['of another realm', 'functions in classes', 'getters, shared'].map(sampleOf),
  sampleOf('a buffer and a pattern without prototype'),
]);

function sampleOf(name: string): unknown {
  return samples[name];
}

/** Alone and in an object, since much is known by then; and the exact JSON, where it is that. */
function wire(value: unknown, functions: Functions): Record<string, string> {
  const context = { snapshot, functions, root: roots.value };
  const alone = encodeStructure(value, context);
  const inside = encodeStructure([{ value }, value], context);
  const decoded = decode(alone, functions);
  if (!differs.has(value)) expectSame(decoded, value);
  const usual = encodeValue(value, context);
  return {
    alone: textOf(alone),
    inside: textOf(inside),
    ...(typeof usual === 'string' ? { json: usual } : {}),
  };
}

test('each kind of objects has a code of its own, and room for it in a word', () => {
  const all = kinds.map(({ code }) => code);
  expect(new Set(all).size).toBe(all.length);
  for (const code of all) expect([code >= codes.object, code < 64]).toEqual([true, true]);
});

test('the bytes of every value are those that they were', () => {
  const now = {
    table: mapped(rows, (value) => wire(value, new Functions())),
    samples: mapped(samples, (value) => wire(value, functionsOfSamples)),
    refused: Object.fromEntries(
      refused.map(({ name, value }) => [name, refusal({ list: [value] })]),
    ),
  };
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
  expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

function mapped<T, R>(
  object: Readonly<Record<string, T>>,
  map: (value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
