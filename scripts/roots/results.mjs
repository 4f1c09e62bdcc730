/** What jest's results say of each MPI, layout by layout. */

import { knownReason } from './known_failures.mjs';

export const MPIS = ['openmpi', 'mpich'];

/**
 * @typedef {{ title: string, known: import('./known_failures.mjs').Reason | undefined }} Failure
 * @typedef {{ suite: string, mpi: string, layout: string, node: string, passed: number, skipped: string[], failures: Failure[] }} Cell
 * @typedef {{ assertionResults: { ancestorTitles: string[], title: string, status: string }[], name: string, message: string }} TestFile
 */

/** Titles of tests name the layout, or at least the MPI; what names neither is of the package itself. */
const layouts = /** @type {const} */ ([
  ['spawned', /\b(openmpi|mpich) spawned\b/],
  ['singleton', /\b(openmpi|mpich) singleton\b/],
  ['static', /\b(openmpi|mpich) static\b/],
  ['other', /\b(openmpi|mpich|Open MPI|MPICH)\b/],
]);

/**
 * @param {{ testResults: TestFile[] }} results
 * @param {{ suite: string, node: string, versions: Record<string, string> }} of
 * @returns {Cell[]}
 */
export function summarise({ testResults }, { suite, node, versions }) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const { assertionResults, name, message } of testResults) {
    // A file that could not be run at all counts as one failed test.
    if (assertionResults.length === 0)
      add({ ancestorTitles: [name], title: message.split('\n')[0] ?? '', status: 'failed' });
    else assertionResults.forEach(add);
  }
  return [...cells.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));

  /** @param {TestFile['assertionResults'][number]} result */
  function add({ ancestorTitles, title, status }) {
    const whole = [...ancestorTitles, title].join(' › ');
    const [layout, pattern] = layouts.find(([, mark]) => mark.test(whole)) ?? ['threads, or none'];
    const word = pattern?.exec(whole)?.[1];
    const implementation =
      word === undefined ? undefined : /open/i.test(word) ? 'openmpi' : 'mpich';
    const mpi =
      implementation === undefined ? 'no MPI' : (versions[implementation] ?? implementation);
    /** @type {Cell} */
    const empty = { suite, mpi, layout, node, passed: 0, skipped: [], failures: [] };
    const cell = cells.get(key(empty)) ?? empty;
    cells.set(key(empty), cell);
    if (status === 'passed') cell.passed += 1;
    else if (status === 'failed')
      cell.failures.push({
        title: `${mpi}, Node.js ${node}: ${whole}`,
        known: knownReason(mpi, whole),
      });
    else cell.skipped.push(title.replace(/^skipped: /, ''));
  }
}

/** @param {Pick<Cell, 'mpi' | 'layout'>} cell */
function key({ mpi, layout }) {
  return `${mpi} ${layout}`;
}
