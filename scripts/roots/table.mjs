/** docs/compatibility.md: what ran where, as the last `npm run test:roots -- --write` found it. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../paths.mjs';

/** @typedef {import('./results.mjs').Cell} Cell */

/**
 * @param {Cell[]} cells
 * @param {string} list
 */
export function writeTable(cells, list) {
  const date = new Date().toISOString().slice(0, 10);
  const rows = cells.map(
    ({ suite, mpi, layout, node, passed, skipped, failures }) =>
      `| ${suite} | ${mpi} | ${layout} | ${node} | ${passed} | ${skipped.length} | ${failures.length} |`,
  );
  const text = `# Compatibility

Made by \`npm run test:roots -- --write\` on ${date}: the ${list} list of tests, in Debian releases set up from nothing.

| Debian | MPI | layout | Node.js | passed | skipped | failed |
| ------ | --- | ------ | ------- | ------ | ------- | ------ |
${rows.join('\n')}

## What is not green, and why

${reasons(cells).join('\n') || 'All is.'}
`;
  writeFileSync(path.join(root, 'docs', 'compatibility.md'), text);
}

/** @param {Cell[]} cells */
function reasons(cells) {
  const failures = cells.flatMap((cell) =>
    cell.failures.map(({ title, known }) =>
      known === undefined
        ? `- ${title}: failed; not looked into yet`
        : `- ${title}: ${known.why} ([more](${known.link}))`,
    ),
  );
  const skipped = cells.flatMap((cell) =>
    cell.skipped.map((reason) => `- ${cell.mpi} ${cell.layout}, skipped: ${reason}`),
  );
  return [...new Set([...failures, ...skipped])];
}
