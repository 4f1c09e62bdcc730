// Times of encoding and decoding values, compared with v8.serialize and v8.deserialize: node bench/codec.mjs

import v8 from 'node:v8';

import { fromSource } from './support/from_source.mjs';

const { decodeStructure, encodeStructure, move, roots } = await fromSource('codec', [
  'lib/values/structure',
  'lib/values/buffers/move',
  'lib/values/refusing/paths',
]);

const ROUNDS = Number(process.argv[2] ?? 15);

class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.label = `point ${x}`;
  }
}

const functions = {
  send: () => ({
    kind: 'function',
    id: 1,
    captured: [],
    capturedNames: [],
    isClass: false,
    hasPrivateMembers: false,
  }),
  isBuiltIn: (fn) => Function.prototype.toString.call(fn).endsWith('{ [native code] }'),
  wellKnown: () => undefined,
  receive: () => ({ fn: Point }),
};

// Like the addon, uses the same memory again, whose pages have been touched before.
const kept = new Map();
function snapshot(bytes) {
  const { byteLength } = bytes;
  const copy = kept.get(byteLength) ?? new ArrayBuffer(byteLength);
  kept.delete(byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

const context = { snapshot, functions, root: roots.value };

const rows = Array.from({ length: 100_000 }, (_, index) => ({
  id: index,
  name: `row ${index}`,
  value: index * 1.5,
  active: index % 2 === 0,
  group: `group ${index % 10}`,
}));
const small = { id: 7, name: 'a small object', value: 0.5, active: true, group: 'group 1' };
const large = new Float64Array(8 << 20).fill(1.5);
// Buffers that were moved come back in every round.
let moving = large.slice();

/** Each line: the value of a round, how often it is encoded and decoded, and whether it is moved. */
const LINES = [
  { name: '64 MB Float64Array, copied', value: () => large },
  { name: '64 MB Float64Array, moved', value: () => moving, moved: true },
  { name: '100 000 rows', value: () => rows },
  { name: '1 M numbers, float64', value: constant(Array.from({ length: 1e6 }, (_, i) => i * 1.1)) },
  { name: '1 M numbers, int32', value: constant(Array.from({ length: 1e6 }, (_, i) => i)) },
  { name: 'object of 5 properties', value: () => small, times: 10_000 },
  { name: 'text of 1.2 M characters', value: constant('lorem ipsum '.repeat(1e5)), times: 10 },
  {
    name: '3000 instances of a class',
    value: constant(Array.from({ length: 3000 }, (_, i) => new Point(i, -i))),
  },
];

const unit = { ms: 1, µs: 1000 };
console.log(`Node.js ${process.version}, medians of ${ROUNDS} rounds, encode + decode\n`);
console.log(
  `${'value'.padEnd(28)}${'this codec'.padStart(22)}${'v8'.padStart(22)}${'v8 / this'.padStart(12)}`,
);
for (const line of LINES) {
  const ours = { encode: [], decode: [] };
  const theirs = { encode: [], decode: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const runs = [
      () => measure(line, ours, encodeOurs, decodeOurs),
      () =>
        measure(
          line,
          theirs,
          (value) => v8.serialize(value),
          (bytes) => v8.deserialize(bytes),
        ),
    ];
    if (round % 2 === 1) runs.reverse();
    for (const run of runs) run();
  }
  show(line, ours, theirs);
}

function measure({ value: make, times = 1, moved = false }, figures, encode, decode) {
  const value = make();
  if (moved && encode === encodeOurs) move(value);
  let encoded;
  const start = performance.now();
  for (let time = 0; time < times; time++) encoded = encode(value);
  const middle = performance.now();
  let decoded;
  for (let time = 0; time < times; time++) decoded = decode(encoded);
  const end = performance.now();
  figures.encode.push((middle - start) / times);
  figures.decode.push((end - middle) / times);
  if (encode !== encodeOurs) return;
  if (moved) moving = decoded;
  else for (const buffer of encoded.buffers) kept.set(buffer.byteLength, buffer);
}

function encodeOurs(value) {
  return encodeStructure(value, context);
}

function decodeOurs({ bytes, buffers }) {
  return decodeStructure(bytes, buffers, functions);
}

function constant(value) {
  return () => value;
}

function show({ name }, ours, theirs) {
  const total = ({ encode, decode }) => median(encode) + median(decode);
  const ratio = total(theirs) / total(ours);
  console.log(
    `${name.padEnd(28)}${figures(ours)}${figures(theirs)}${`${ratio.toPrecision(3)} ×`.padStart(12)}`,
  );
}

function figures({ encode, decode }) {
  const [name, factor] = Object.entries(unit).find(
    ([, factor]) => median(encode) * factor >= 0.1,
  ) ?? ['µs', 1000];
  const text = [encode, decode].map((times) => (median(times) * factor).toPrecision(3)).join(' + ');
  return `${text} ${name}`.padStart(22);
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
}
