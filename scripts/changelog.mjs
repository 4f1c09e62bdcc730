// CHANGELOG.md at a release. `npm version` runs the first command (package.json), the release workflow the second.
//
//     node scripts/changelog.mjs release   what is below [Unreleased] becomes the section of package.json's version, of today
//     node scripts/changelog.mjs check     fails unless that version has a section with its date, and nothing is left below [Unreleased]

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAsProgram, ScriptError } from './main.mjs';
import { root } from './paths.mjs';

const file = path.join(root, 'CHANGELOG.md');
const unreleased = '## [Unreleased]\n';

void runAsProgram(import.meta.url, () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const text = readFileSync(file, 'utf8');
  const [command] = process.argv.slice(2);
  if (command === 'release') {
    writeFileSync(file, released(text, version, new Date().toISOString().slice(0, 10)));
    return 0;
  }
  if (command !== 'check') throw new ScriptError('Expected release or check');
  const fault = faultOf(text, version);
  if (fault !== undefined) throw new ScriptError(fault);
  return 0;
});

/**
 * The changelog in which all that is not released yet is of this version.
 *
 * @param {string} text
 * @param {string} version
 * @param {string} date such as 2026-01-31
 * @throws {ScriptError} if nothing has changed since the last version, or the version has a section already
 */
export function released(text, version, date) {
  if (changesIn(text) === '')
    throw new ScriptError('Expected changes below [Unreleased] in CHANGELOG.md');
  if (text.includes(`\n## [${version}]`))
    throw new ScriptError(`CHANGELOG.md has version ${version} already`);
  return text.replace(unreleased, `${unreleased}\n## [${version}] - ${date}\n`);
}

/**
 * Why the changelog is not that of a release of this version; undefined if it is.
 *
 * @param {string} text
 * @param {string} version
 */
export function faultOf(text, version) {
  const [, rest] = text.split(`\n## [${version}] - `);
  if (rest === undefined || !/^\d{4}-\d\d-\d\d\n/.test(rest))
    return `Expected ## [${version}] and a date in CHANGELOG.md: npm version makes it`;
  const left = changesIn(text);
  return left === ''
    ? undefined
    : `Expected nothing below [Unreleased] in CHANGELOG.md but found: ${left.slice(0, 80)}…`;
}

/** @param {string} text @returns what is below [Unreleased] */
function changesIn(text) {
  const [, rest] = text.split(`\n${unreleased}`);
  if (rest === undefined) throw new ScriptError('Expected ## [Unreleased] in CHANGELOG.md');
  return (rest.split(/^## /m)[0] ?? '').trim();
}
