/** Checks that are not right make tests fail, however they are written. */

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { checkNamesIn } from '../support/check_names.js';
import { runJest } from '../support/jest_run.js';

const namesIn = (text: string) => checkNamesIn(text, 'program.mjs');

test('names are found wherever a check is made', () => {
  const text = `
    import { check } from './check.mjs';
    if (isMain) {
      await check('one line', async () => {});
      await check(
        'several lines',
        body,
      );
      await check("double 'quotes'", body);
      await check('outer', async () => { nested(async () => { await check('inner', body) }) });
      void check ( 'odd' , body);
    }`;
  expect(namesIn(text)).toEqual([
    'one line',
    'several lines',
    "double 'quotes'",
    'outer',
    'inner',
    'odd',
  ]);
  expect(checkNamesIn("const { check } = await import('./check.mjs'); check('a', f)", 'a.mjs')).toEqual(['a']); // prettier-ignore
  expect(checkNamesIn("async function main() { await check('a', f); }", 'a.cjs')).toEqual(['a']);
});

test.each([
  'check(`a ${template}`, body)',
  'check(`a template`, body)',
  "check('a' + 'sum', body)",
  'check(name, body)',
  'check()',
  "check(...['a', body])",
  'const other = check; other("a", body)',
  'import { check as other } from "./check.mjs"; other("a", body)',
  'import * as all from "./check.mjs"; all.check("a", body)',
  'give(check)',
  'give({ check })',
  "check.call(null, 'a', body)",
])('a name that cannot be read is refused, with its place: %s', (text) => {
  expect(() => namesIn(`\ncheck('right', body);\n${text}`)).toThrow('program.mjs:3');
});

test('two checks of one name, and a program without any, are refused', () => {
  expect(() => namesIn("check('a', f); check('b', f); check('a', g);")).toThrow('two: a');
  expect(() => namesIn("import { check } from './check.mjs';")).toThrow('found none');
});

const kept = path.join(root, 'build/failed_programs');
/** The files of failed programs, with what they say. */
function keptSince(start: string): { file: string; text: string }[] {
  return readdirSync(kept)
    .filter((name) => name >= start)
    .map((name) => path.join(kept, name))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}

test('what is not right in a run makes a test fail, and what the program said is kept', async () => {
  const start = new Date().toISOString();
  const { status, tests } = await runJest({
    mpi: null,
    args: ['--rootDir', root, '--testMatch', '**/test/unit/failing_checks.ts'],
  });
  expect(status).toBe(1);
  const failed: Record<string, string[]> = {};
  for (const { ancestorTitles, title, status } of tests) {
    const ofProgram = (failed[ancestorTitles.join()] ??= []);
    if (status !== 'passed') ofProgram.push(title.split(' ', 1)[0]!);
  }
  // The name of the last test of each program begins with "ends".
  expect(failed).toEqual({
    '': ['ends'],
    'all right': [],
    'fails on one line': ['a', 'ends'],
    'fails over several lines': ['a', 'ends'],
    'fails in double quotes': ["it's", 'ends'],
    'fails by rejecting': ['a', 'ends'],
    'fails with undefined': ['a', 'ends'],
    'fails in a function': ['a', 'ends'],
    'in a loop': ['ends'],
    'fails in a loop at last': ['ends'],
    'is not reached': ['a', 'ends'],
    'is printed by something else': ['ends'],
    'fails and hides its status': ['a', 'ends'],
    'fails after the checks': ['ends'],
  });
  for (const said of ['said before a plain throw', 'afterwards', 'fails_and_hides_its_status']) {
    const files = keptSince(start).filter(({ text }) => text.includes(said));
    expect(files).toHaveLength(1);
    rmSync(files[0]!.file);
  }
});
