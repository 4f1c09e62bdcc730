// This project and mpi4py.futures in turn, on the same work: see bench/README.md.
//
//   npm run bench -- [--quick] [--rounds N] [--json FILE]

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnableFlavors } from '../scripts/mpi_environment.mjs';
import { runAsProgram, ScriptError } from '../scripts/main.mjs';
import { findPython, mpi4py, ours, oursStatic } from './support/contenders.mjs';
import { compare, comparisonTable, METRICS, recordTable } from './support/report.mjs';
import { summary } from './support/statistics.mjs';

/** SHA-256 of the picture in the mpi4py.futures manual: everybody must have done all of the work. */
const PICTURE = 'c9b7215a136958917dfa0f4af079a4162a7316185815300036600e9b7b8e91f3';

await runAsProgram(import.meta.url, main);

function main() {
  const { rounds, json } = options();
  const flavors = runnableFlavors();
  if (flavors.length === 0) throw new ScriptError('No MPI to measure with: run npm test first.');

  const { mine, theirs } = spawning(flavors);
  const together = flavors.map(oursStatic);
  const results = {
    ...measure([mine, theirs].filter(Boolean), rounds),
    ...measure(together, rounds),
  };
  const comparison = theirs && compareAll(results[mine.name], results[theirs.name]);

  console.log(`Medians of ${rounds} rounds (lowest–highest), workers spawned\n`);
  if (comparison) console.log(comparisonTable(results, mine.name, theirs.name));
  else if (mine) console.log(recordTable(results, [mine.name]));
  console.log('\nFor the record, workers started together with the master\n');
  console.log(
    recordTable(
      results,
      together.map(({ name }) => name),
    ),
  );

  if (json) writeFileSync(json, `${JSON.stringify({ rounds, results, comparison }, null, 2)}\n`);
  return comparison && Object.values(comparison).some(({ ok }) => !ok) ? 1 : 0;
}

function options() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  if (!(rounds >= 1))
    throw new ScriptError(`Expected a number for --rounds but received ${values.rounds}`);
  return { rounds, json: values.json };
}

/** Who can be measured with spawned workers: MPICH as Debian builds it cannot spawn. */
function spawning(flavors) {
  if (!flavors.includes('openmpi')) {
    console.error('Without Open MPI there are no spawned workers to measure.\n');
    return {};
  }
  const python = findPython('openmpi');
  if (python === undefined) {
    console.error(
      'mpi4py.futures is not here to compare with: it needs mpi4py on Open MPI, and numpy\n' +
        '(Debian, Ubuntu: apt-get install python3-mpi4py python3-numpy; elsewhere: pip install mpi4py numpy).\n' +
        'PYTHON=… names another interpreter.\n',
    );
  }
  return { mine: ours('openmpi'), theirs: python && mpi4py(python, 'openmpi') };
}

/** In turn, and in the other order every second round, so that no one always has the warmer machine. */
function measure(contenders, rounds) {
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  const directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-bench-'));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        samples.get(contender.name).push(measureOnce(contender, directory));
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return Object.fromEntries([...samples].map(([name, taken]) => [name, summarize(taken)]));
}

function measureOnce({ name, measurePool, drawJulia }, directory) {
  const picture = path.join(directory, 'julia.pgm');
  const sample = { ...measurePool(), julia: drawJulia(picture) };
  const digest = createHash('sha256').update(readFileSync(picture)).digest('hex');
  if (digest !== PICTURE) throw new Error(`${name} has drawn another picture`);
  return sample;
}

function summarize(samples) {
  return Object.fromEntries(
    METRICS.map(({ name }) => [name, summary(samples.map((sample) => sample[name]))]),
  );
}

function compareAll(mine, theirs) {
  return Object.fromEntries(
    METRICS.map((metric) => [metric.name, compare(metric, mine[metric.name], theirs[metric.name])]),
  );
}
