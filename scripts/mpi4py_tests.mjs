/**
 * docs/guide/mpi4py_tests.md: which test shows what docs/guide/mpi4py.md says, and what the tests of mpi4py.futures assert. It is
 * made of comments in front of the tests: `// mpi4py: <row of the guide>`, `// test_futures.py: <class and tests>`. To make it
 * anew: node scripts/mpi4py_tests.mjs. With --check it only says whether it is as it would be made.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAsProgram, ScriptError } from './main.mjs';
import { root } from './paths.mjs';

const page = path.join(root, 'docs/guide/mpi4py_tests.md');
const guide = path.join(root, 'docs/guide/mpi4py.md');

/** @typedef {{ of: string, what: string, file: string, name: string }} Tag */

/** @returns {Tag[]} in the order of files and lines */
export function tagsInTests() {
  const folder = path.join(root, 'test');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|cjs)$/.test(file))
    .sort();
  return files.flatMap((file) => tagsIn(file, readFileSync(path.join(folder, file), 'utf8')));
}

/** @param {string} file @param {string} text @returns {Tag[]} */
function tagsIn(file, text) {
  return [...text.matchAll(/^ *\/\/ (mpi4py|test_futures\.py): (.+)$/gm)].map((match) => {
    const [whole, of = '', what = ''] = match;
    const behind = text.slice(match.index + whole.length);
    // Matches the first call with a text: check('…', …), test('…', …), test.each([…])('…', …).
    const [, , name = ''] = /\(\s*(['"`])((?:\\.|(?!\1).)+)\1/s.exec(behind) ?? [];
    return { of, what, file, name };
  });
}

/** @returns {string[]} what the rows of the guide are called here: the left column, or the right one where that is ours alone */
export function rowsOfGuide() {
  const [, ...sections] = readFileSync(guide, 'utf8').split(
    /^## (?=What (?:differs|is the same))/m,
  );
  const tables = sections.map((section) => section.split(/^## /m)[0] ?? '');
  return tables.flatMap((table) =>
    [...table.matchAll(/^\| (.+?) +\|(?: (.+?) +\|)?$/gm)]
      .filter(([, left = '']) => !/^-+$/.test(left) && left !== 'mpi4py.futures')
      .map(([, left = '', right = '']) => (left === 'no counterpart' ? right : left)),
  );
}

/** @returns {Promise<string>} the text of the page */
async function textOfPage() {
  const tags = tagsInTests();
  const theirs = tags.filter(({ of }) => of === 'test_futures.py').map(({ what }) => what);
  const text = `# Tests behind the page for users of mpi4py.futures

After this page you know which test shows each row of [the guide](mpi4py.md), and which ones assert what mpi4py's own
\`test_futures.py\` does. \`node scripts/mpi4py_tests.mjs\` makes it from comments in the tests.

## Rows of the guide

${listOf(rowsOfGuide(), 'mpi4py', tags)}

## test_futures.py of mpi4py 4.1

${listOf(theirs.sort(), 'test_futures.py', tags)}
`;
  const { format, resolveConfig } = await import('prettier'); // jest cannot load it
  return format(text, { ...(await resolveConfig(page)), filepath: page });
}

/** @param {readonly string[]} rows @param {string} of @param {readonly Tag[]} tags */
function listOf(rows, of, tags) {
  return [...new Set(rows)]
    .flatMap((row) => {
      const shown = tags.filter((tag) => tag.of === of && tag.what === row);
      const tests = shown.map(({ file, name }) => `  - \`${file}\` ${name}`);
      return tests.length === 0 ? [] : [`- ${row}`, ...tests];
    })
    .join('\n');
}

void runAsProgram(import.meta.url, async () => {
  const text = await textOfPage();
  if (process.argv[2] !== '--check') writeFileSync(page, text);
  else if (readFileSync(page, 'utf8') !== text)
    throw new ScriptError(
      'docs/guide/mpi4py_tests.md is not current: node scripts/mpi4py_tests.mjs',
    );
});
