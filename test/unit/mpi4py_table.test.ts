/** docs/guide/mpi4py.md, and the tests that show what it says. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rowsOfGuide, tagsInTests } from '../../scripts/mpi4py_tests.mjs';
import { root } from '../../scripts/paths.mjs';

const guide = readFileSync(path.join(root, 'docs/guide/mpi4py.md'), 'utf8');
const rows = rowsOfGuide();
const tags = tagsInTests();

test('the guide has at most 150 rows', () => {
  expect(rows.length).toBeGreaterThan(100);
  const all = guide.match(/^\| (?!-)/gm) ?? [];
  expect(all.length).toBeLessThanOrEqual(150);
});

test('the page of tests is what scripts/mpi4py_tests.mjs makes of them', () => {
  const script = path.join(root, 'scripts/mpi4py_tests.mjs');
  const { stderr, status } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('each tag in a test is a row of the guide, and stands in front of a test', () => {
  const unknown = tags.filter(({ of, what }) => of === 'mpi4py' && !rows.includes(what));
  expect(unknown).toEqual([]);
  expect(tags.filter(({ name }) => name === '')).toEqual([]);
});

test('each row of the guide is shown by a test, but where JavaScript itself shows it', () => {
  const ofTheLanguage = ['keyword arguments `f(x, key=1)`', '`then`: a cycle is a `RuntimeError`'];
  const shown = new Set(tags.map(({ what }) => what));
  expect(rows.filter((row) => !shown.has(row))).toEqual(ofTheLanguage);
});
