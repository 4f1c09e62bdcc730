/** The names that this package exports, and where docs/guide/ has them. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './paths.mjs';

/** The page of each entry. */
export const PAGES = {
  'lib/index.ts': 'docs/guide/api.md',
  'lib/mpi/index.ts': 'docs/guide/api_mpi.md',
};

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {boolean} isType - of TypeScript, and not there when the program runs
 */

/** @param {string} file - an entry of the package @returns {Entry[]} */
export function publicNames(file) {
  const text = readFileSync(path.join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => ({
        name: name.getText(source),
        isType: false,
      }));
    if (!ts.isExportDeclaration(statement)) return [];
    const { exportClause, isTypeOnly } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.map((element) => ({
      name: element.name.text,
      isType: isTypeOnly || element.isTypeOnly,
    }));
  });
}

/**
 * @typedef {object} Reference
 * @property {string} name
 * @property {string} errors
 * @property {string} since
 * @property {string} example
 */

/** @param {string} page - one of PAGES @returns {Reference[]} each row of its tables, once for each name */
export function referencesIn(page) {
  const [, ...sections] = readFileSync(path.join(root, page), 'utf8').split(/^## /m);
  return sections.flatMap((section) => {
    const [, example = ''] = /^```js\n(.*?)^```/ms.exec(section) ?? [];
    return [...section.matchAll(/^\| (`.*?) +\| .+? +\| (.+?) +\| (\S+) +\|$/gm)].flatMap(
      ([, names = '', errors = '', since = '']) =>
        names
          .split(', ')
          .map((name) => ({ name: name.replaceAll('`', ''), errors, since, example })),
    );
  });
}
