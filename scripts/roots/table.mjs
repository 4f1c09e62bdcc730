/** docs/guide/compatibility.md: what ran where, as the last `npm run test:roots -- --write` of each release, list and Node.js found it. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../paths.mjs';
import { knownReason } from './known_failures.mjs';

/** @typedef {import('./results.mjs').Cell} Cell */

const cellsFile = path.join(root, 'scripts/roots/cells.json');
const table = path.join(root, 'docs/guide/compatibility.md');

/** @param {Cell[]} found the cells of some runs; those of others stay */
export async function writeTable(found) {
  const runs = new Set(found.map(runOf));
  const earlier = existsSync(cellsFile) ? JSON.parse(readFileSync(cellsFile, 'utf8')) : [];
  const kept = earlier.filter((/** @type {Cell} */ cell) => !runs.has(runOf(cell)));
  const cells = [...kept, ...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  await writeFormatted(cellsFile, JSON.stringify(cells));
  await writeFormatted(table, textOf(cells));
}

/** @param {string} file @param {string} text */
async function writeFormatted(file, text) {
  const { format, resolveConfig } = await import('prettier'); // not installed in a root, where nothing is written
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

const suites = ['bookworm', 'trixie', 'sid'];

/** @param {Cell} cell */
function runOf({ suite, list, node }) {
  return [suites.indexOf(suite), suite, list, node].join();
}

/** @param {Cell} cell */
function key(cell) {
  return [runOf(cell), cell.mpi, cell.layout].join();
}

/** @param {Cell[]} cells */
function textOf(cells) {
  const rows = cells.map(
    ({ suite, mpi, layout, node, list, passed, skipped, failures, date }) =>
      `| ${[suite, mpi, layout, node, list, passed, skipped.length, failures.length, date].join(' | ')} |`,
  );
  return `# Compatibility

After this page you know on which MPI, in which layout and with which Node.js this package was tested, and what failed.

Each row is one run of the tests on the MPIs of a Debian release. \`npm run test:roots -- --write\` replaces the rows of what it has run.

| Debian | MPI | layout | Node.js | list | passed | skipped | failed | date |
| ------ | --- | ------ | ------- | ---- | ------ | ------- | ------ | ---- |
${rows.join('\n')}

The ABI of MPI 5: one binary of the addon, \`mpi_abi.node\`, on both MPIs.

## What is not green, and why

${reasons(cells).join('\n') || 'All is.'}
`;
}

/** @param {Cell[]} cells */
function reasons(cells) {
  const failures = cells.flatMap(({ mpi, node, failures }) =>
    failures.map((failure) => {
      const known = knownReason(mpi, failure);
      const more = known?.link === undefined ? '' : ` ([more](${known.link}))`;
      const why = known ? `${known.why}${more}` : 'failed; not looked into yet';
      return `- ${mpi}, Node.js ${node}: ${failure.title}: ${why}`;
    }),
  );
  const skipped = cells.flatMap(({ mpi, layout, skipped }) =>
    skipped.map((reason) => `- ${mpi} ${layout}, skipped: ${reason}`),
  );
  return [...new Set([...failures, ...skipped])];
}
