// Measures this project and its peers in turns, on the same work: see README.md.
//
//   npm run bench [-- --quick] [--rounds N] [--only TEXT]… [--json FILE]

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runAsProgram, ScriptError } from '../scripts/main.mjs';
import { root } from '../scripts/paths.mjs';
import { runOrThrow } from '../scripts/programs.mjs';
import { areInstalled, peersDirectory } from './support/peers.mjs';
import { NOT_IF_QUICK, partFor, plan } from './plan.mjs';

/** SHA-256 of the picture in the mpi4py.futures manual: everybody must have done all of the work. */
const PICTURE = 'c9b7215a136958917dfa0f4af079a4162a7316185815300036600e9b7b8e91f3';

await runAsProgram(import.meta.url, main);

async function main() {
  const { quick, rounds, only, json } = options();
  if (!areInstalled()) installPeers();
  const { findContenders } = await import('./contenders.mjs');
  const { contenders, missing } = findContenders();
  for (const text of missing) console.error(`Not measured: ${text}`);
  const isIn = (name) => (text) => name.includes(text);
  const chosen = contenders.filter(({ name }) =>
    only.length === 0 ? !(quick && NOT_IF_QUICK.some(isIn(name))) : only.some(isIn(name)),
  );
  if (chosen.length === 0) {
    const names = contenders.map(({ name }) => name).join('; ');
    throw new ScriptError(`Expected part of a name for --only: ${names}`);
  }
  const samples = measure(chosen, rounds, plan(quick), quick);
  const { describeMachine } = await import('./report/machine.mjs');
  const results = { date: new Date().toISOString(), rounds, machine: describeMachine(), samples };
  const { requirementTable, tables } = await import('./report/tables.mjs');
  console.log([...tables(results), requirementTable(results)].join('\n\n'));
  if (json) writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
  if (quick || only.length !== 0 || json) return 0;
  writeFileSync(path.join(root, 'bench', 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  const { writePage } = await import('./report/page.mjs');
  await writePage(results);
  return 0;
}

function options() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? plan(values.quick).rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new ScriptError(
      `Expected a whole number from 1 up for --rounds but received ${values.rounds}`,
    );
  return { ...values, rounds };
}

function installPeers() {
  console.error('Installing what is compared with ...');
  runOrThrow('npm', ['ci', '--prefix', peersDirectory]);
}

/**
 * Each contender in turn, from another one on in each round, so that no one always has the warmer machine.
 * @returns {Record<string, Record<string, number[]>>} by contender and figure: a sample from each round
 */
function measure(contenders, rounds, { groups, exchange }, quick) {
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, {}]));
  const add = (name, figures) => {
    for (const [figure, value] of Object.entries(flat(figures)))
      (samples[name][figure] ??= []).push(value);
  };
  const directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-bench-'));
  const steps = [
    ...groups.map((group) => (contender) => {
      const part = contender.measure && partFor(contender.kind, group, quick);
      if (part) add(contender.name, { [group.workers]: contender.measure(part) });
    }),
    (contender) => {
      if (contender.start) add(contender.name, { start: contender.start() });
    },
    (contender) => {
      if (contender.scale) add(contender.name, { scaling: contender.scale() });
    },
    (contender) => {
      if (!contender.drawJulia) return;
      add(contender.name, { julia: drawPicture(contender, path.join(directory, 'julia.pgm')) });
    },
    (contender) => {
      if (!contender.exchange) return;
      add(contender.name, { exchange: contender.exchange(exchange.bytes, exchange.times) });
    },
  ];
  try {
    for (let round = 0; round < rounds; round++)
      for (const step of steps)
        for (const contender of rotated(contenders, round)) {
          process.stderr.write(`\r\u001b[Kround ${round + 1} of ${rounds}: ${contender.name}`);
          step(contender);
        }
  } finally {
    process.stderr.write('\r\u001b[K');
    rmSync(directory, { recursive: true });
  }
  return samples;
}

function rotated(items, by) {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** `{ a: { b: 1 } }` is `{ 'a/b': 1 }`. */
function flat(value) {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      typeof part === 'object'
        ? Object.entries(flat(part)).map(([rest, leaf]) => [`${name}/${rest}`, leaf])
        : [[name, part]],
    ),
  );
}

function drawPicture({ name, drawJulia }, picture) {
  const milliseconds = drawJulia(picture);
  const digest = createHash('sha256').update(readFileSync(picture)).digest('hex');
  if (digest !== PICTURE) throw new Error(`${name} has drawn another picture`);
  return milliseconds;
}
