/** Programs with checks that are not right in one way each. checks.test.ts runs this as a test file of its own, and it fails. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { testChecks } from '../support/checks.js';
import { programFile } from '../support/layouts.js';
import { runProgram } from '../support/program.js';

const programs = {
  'all right': `
    await check('a', () => {});`,
  'fails on one line': `
    await check('a', () => { throw 1; });`,
  'fails over several lines': `
    await check(
      'a',
      () => { throw 1; },
    );`,
  'fails in double quotes': `
    await check("it's a", () => { throw 1; });`,
  'fails by rejecting': `
    await check('a', async () => { await Promise.reject(new Error('no')); });`,
  'fails with undefined': `
    await check('a', () => Promise.reject());`,
  'fails in a function': `
    const f = () => check('a', () => { throw 1; });
    await f();`,
  'in a loop': `
    for (const x of [1, 2]) await check('a', () => x);`,
  'fails in a loop at last': `
    for (const x of [1, 2]) await check('a', () => { if (x === 2) throw x; });`,
  'is not reached': `
    if (process.argv.length > 9) await check('a', () => {});
    await check('b', () => {});`,
  'is printed by something else': `
    await check('a', () => {});
    console.log('{"check":"b","ok":true}');`,
  'fails and hides its status': `
    await check('a', () => { throw 1; });
    process.exit(0);`,
  'fails after the checks': `
    await check('a', () => {});
    throw new Error('afterwards');`,
};

const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('ends', async () => {
  const program = path.join(folder, 'speaker.mjs');
  writeFileSync(program, `console.log('said before a plain throw')`);
  await runProgram({ mpi: null, program });
  throw new TypeError('no assertion');
});

for (const [name, text] of Object.entries(programs)) {
  const program = path.join(folder, `${name.replaceAll(' ', '_')}.mjs`);
  writeFileSync(
    program,
    `import { check } from '${pathToFileURL(programFile('check.mjs')).href}';${text}`,
  );
  describe(name, () => {
    testChecks(program, (options) => runProgram({ ...options, mpi: null, program }));
  });
}
