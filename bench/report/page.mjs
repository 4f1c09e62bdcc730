/** docs/guide/performance.md and its pictures. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { plots } from './plots.mjs';
import { requirementTable, tables } from './tables.mjs';

const guide = path.join(root, 'docs', 'guide');

export async function writePage(results) {
  const pictures = path.join(guide, 'performance');
  mkdirSync(pictures, { recursive: true });
  for (const [name, svg] of Object.entries(await plots(results)))
    writeFileSync(path.join(pictures, `${name}.svg`), svg);
  writeFileSync(path.join(guide, 'performance.md'), page(results));
}

function page(results) {
  const { date, rounds, machine } = results;
  const { processor, memory, system, node } = machine;
  return `# How fast it is

After this page you know how this package compares with other pools on the same work, and where it falls short of what it wants to
reach. \`npm run bench\` runs all of them in turn on one machine, and writes this page. Compare figures of one run only: another
machine, or a neighbour on the same cores, changes them several times over.

<!-- Written by \`npm run bench\`: change bench/report instead. -->

Taken on ${date.slice(0, 10)}: ${processor}, ${memory}, ${system}, Node.js ${node}. Medians of ${rounds} rounds.

How many tasks a pool can start: they do nothing, and longer bars are better.

![No-ops per second](performance/throughput.svg)

How long a program waits for one task that does nothing; shorter bars are better.

![One at a time](performance/latency.svg)

What is left of two cores when they do tasks of one length; higher is better. Where a line falls, \`map\` with a \`chunkSize\` makes
long tasks of short ones. 1 is the peak: what two bare processes without a pool, which know their tasks beforehand, reach with the same
tasks in the same second. So efficiency is defined in [Task Bench](https://dl.acm.org/doi/10.5555/3433701.3433783) (Slaughter et al., SC'20):
what the machine itself takes, be it another guest of the same cores, is no loss of a pool. The table below has the other definition,
too: against the nominal length of the tasks, which no pool and no bare process reaches here.

![Efficiency over the length of tasks](performance/efficiency.svg)

Tasks of which a few are long, against the ideal schedule, as bare processes carry it out; shorter bars are better, and 1 is the ideal.

![Tasks of mixed lengths](performance/mixed.svg)

An array that goes to a worker and comes back; lower is better.

![An array there and back](performance/bandwidth.svg)

${tables(results).join('\n\n').replaceAll('### ', '## ')}

${requirementTable(results).replace('### ', '## ')}

[bench/README.md](../../bench/README.md) says what each figure is.
`;
}
