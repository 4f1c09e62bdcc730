/** Every check that docs/guide/mpi4py.md names is there. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';

/** Rows whose third column names checks. */
interface Row {
  theirs: string;
  shownBy: string;
}

const NOT_YET = 'not yet';
const NOTHING_TO_SHOW = '–';

function rowsOf(markdown: string): Row[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  return lines
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5 && !/^:?-+:?$/.test(cells[1]!) && cells[3] !== 'shown by')
    .map(([, theirs = '', , shownBy = '']) => ({ theirs, shownBy }));
}

/** `` `programs/map.mjs` name of a check ``, one or several with `<br>` between. */
function checksIn({ shownBy }: Row): [file: string, name: string][] {
  if (shownBy === NOT_YET || shownBy === NOTHING_TO_SHOW) return [];
  return shownBy.split('<br>').map((reference) => {
    const [, file, name] = /^`([^`]+)` (.+)$/.exec(reference.trim()) ?? [];
    if (file === undefined || name === undefined)
      throw new Error(`Expected \`file\` and the name of a check but found: ${reference}`);
    return [file, name];
  });
}

const rows = rowsOf(readFileSync(path.join(root, 'docs/guide/mpi4py.md'), 'utf8'));
const checks = new Map(rows.flatMap(checksIn).map((check) => [check.join(': '), check]));

test('the page has its tables', () => {
  expect(rows.length).toBeGreaterThan(150);
});

test.each([...checks])('%s', (_, [file, name]) => {
  const text = readFileSync(path.join(root, 'test', file), 'utf8');
  const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``];
  expect(quoted.some((words) => text.includes(words))).toBe(true);
});
