// This project and mpi4py.futures in turn, on the same work: see bench/README.md.
//
//   npm run bench -- [--quick] [--pairs N] [--json FILE]

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnableImplementations } from '../scripts/mpi_environment.mjs';
import { runAsProgram, ScriptError } from '../scripts/main.mjs';
import { findPython, mpi4py, ours, oursStatic, QUICK_WORK, WORK } from './support/contenders.mjs';
import { compare, comparisonTable, METRICS, recordTable } from './support/report.mjs';

/** SHA-256 of the picture in the mpi4py.futures manual: everybody must have done all of the work. */
const PICTURE = 'c9b7215a136958917dfa0f4af079a4162a7316185815300036600e9b7b8e91f3';

/** A whole program of some two seconds says less than thousands of tasks in one: there are so many more pairs of it. */
const WHOLE_PROGRAMS_PER_PAIR = 3;

await runAsProgram(import.meta.url, main);

function main() {
  const { pairs, work, json } = options();
  const implementations = runnableImplementations();
  if (implementations.length === 0)
    throw new ScriptError('No MPI to measure with: run npm test first.');

  const { mine, theirs } = spawning(implementations);
  const together = implementations.map(oursStatic);
  const spawned = measure([mine, theirs].filter(Boolean), pairs, work);
  const started = measure(together, Math.ceil(pairs / 3), work);
  const comparison = theirs && compareAll(spawned[mine.name], spawned[theirs.name]);

  console.log(`Medians of ${pairs} pairs of runs (lowest–highest), workers spawned\n`);
  if (comparison) console.log(comparisonTable(spawned, comparison, mine.name, theirs.name));
  else if (mine) console.log(recordTable(spawned, [mine.name]));
  console.log('\nFor the record, workers started together with the master\n');
  console.log(recordTable(started, Object.keys(started)));

  const samples = { ...spawned, ...started };
  if (json) writeFileSync(json, `${JSON.stringify({ pairs, samples, comparison }, null, 2)}\n`);
  return comparison && Object.values(comparison).some(({ ok }) => !ok) ? 1 : 0;
}

function options() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      pairs: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const pairs = Number(values.pairs ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(pairs) || pairs < 1)
    throw new ScriptError(
      `Expected a whole number from 1 up for --pairs but received ${values.pairs}`,
    );
  return { pairs, work: values.quick ? QUICK_WORK : WORK, json: values.json };
}

/** Who can be measured with spawned workers: MPICH as Debian builds it cannot spawn. */
function spawning(implementations) {
  if (!implementations.includes('openmpi')) {
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

/**
 * Runs them in turn, and in the other order every second time, so that no one always has the warmer machine. The samples
 * of one metric have the same number in all contenders: those of one place were taken one right after the other.
 */
function measure(contenders, pairs, work) {
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, {}]));
  const inTurn = (count, take) => {
    for (let i = 0; i < count; i++)
      for (const contender of i % 2 === 0 ? contenders : contenders.toReversed())
        for (const [metric, value] of Object.entries(take(contender)))
          (samples[contender.name][metric] ??= []).push(value);
  };
  const directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-bench-'));
  try {
    inTurn(pairs, ({ measurePool }) => measurePool(work));
    inTurn(WHOLE_PROGRAMS_PER_PAIR * pairs, (contender) => ({
      julia: drawPicture(contender, path.join(directory, 'julia.pgm')),
    }));
  } finally {
    rmSync(directory, { recursive: true });
  }
  return samples;
}

function drawPicture({ name, drawJulia }, picture) {
  const milliseconds = drawJulia(picture);
  const digest = createHash('sha256').update(readFileSync(picture)).digest('hex');
  if (digest !== PICTURE) throw new Error(`${name} has drawn another picture`);
  return milliseconds;
}

function compareAll(mine, theirs) {
  return Object.fromEntries(
    METRICS.map((metric) => [metric.name, compare(metric, mine[metric.name], theirs[metric.name])]),
  );
}
