/** Reads from jest's results how each MPI did, layout by layout. */

import { stripVTControlCharacters } from 'node:util';

export const MPIS = ['openmpi', 'mpich'];

/**
 * @typedef {{ title: string, message: string }} Failure
 * @typedef {{ suite: string, list: string, node: string, date: string }} Run
 * @typedef {Run & { mpi: string, layout: string, passed: number, skipped: string[], failures: Failure[] }} Cell
 * @typedef {{ assertionResults: { ancestorTitles: string[], title: string, status: string, failureMessages?: string[] }[], name: string, message: string }} TestFile
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
 * @param {Omit<Run, 'date'> & { versions: Record<string, string>, abi?: string }} of - abi: another than the MPI's own, with
 *   which what needs no MPI is not counted again
 * @returns {Cell[]}
 */
export function summarise({ testResults }, { versions, abi, ...of }) {
  const date = today();
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const { assertionResults, name, message } of testResults) {
    // A file that could not be run at all counts as one failed test.
    if (assertionResults.length === 0)
      add({ ancestorTitles: [name], title: firstLine(message), status: 'failed' });
    else assertionResults.forEach(add);
  }
  return [...cells.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));

  /** @param {TestFile['assertionResults'][number]} result */
  function add({ ancestorTitles, title, status, failureMessages = [] }) {
    const whole = [...ancestorTitles, title].join(' › ');
    const [layout, pattern] = layouts.find(([, mark]) => mark.test(whole)) ?? ['threads, or none'];
    const word = pattern?.exec(whole)?.[1];
    const implementation =
      word === undefined ? undefined : /open/i.test(word) ? 'openmpi' : 'mpich';
    if (implementation === undefined && abi !== undefined) return;
    const name = implementation && (versions[implementation] ?? implementation);
    const mpi = [name ?? 'no MPI', abi].filter(Boolean).join(', ');
    /** @type {Cell} */
    const empty = { ...of, date, mpi, layout, passed: 0, skipped: [], failures: [] };
    const cell = cells.get(key(empty)) ?? empty;
    cells.set(key(empty), cell);
    if (status === 'passed') cell.passed += 1;
    else if (status === 'failed')
      cell.failures.push({ title: whole, message: expectation(failureMessages[0] ?? '') });
    else cell.skipped.push(/skipped: (.+?)(?: › |$)/s.exec(whole)?.[1] ?? title);
  }
}

/** @param {string} text */
function firstLine(text) {
  return stripVTControlCharacters(text).split('\n')[0] ?? '';
}

/** What a program was expected to do comes after its command. @param {string} text */
function expectation(text) {
  return /^Expected .+$/m.exec(stripVTControlCharacters(text))?.[0] ?? firstLine(text);
}

export function today() {
  return new Date().toISOString().slice(0, 10);
}

/** @param {Pick<Cell, 'mpi' | 'layout'>} cell */
function key({ mpi, layout }) {
  return `${mpi} ${layout}`;
}
