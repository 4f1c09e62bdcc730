/** docs/guide/api.md and api_mpi.md have every public name, with what it throws, since when, and a program that test/mpi/readme runs. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { PAGES, publicNames, referencesIn } from '../../scripts/public_names.mjs';

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const { version } = JSON.parse(textOf('package.json')) as { version: string };
const codes: string[] = [
  ...textOf('docs/guide/errors_and_timeouts.md').matchAll(/^\| `(ERR_\w+)`/gm),
].map(([, code = '']) => code);

describe.each(Object.entries(PAGES))('the names of %s', (entry, page) => {
  const names = publicNames(entry);
  const references = referencesIn(page);

  test(`are all in ${page}, each once, and no others`, () => {
    expect(names.length).toBeGreaterThan(30);
    expect(references.map(({ name }) => name).sort()).toEqual(names.map(({ name }) => name).sort());
  });

  test('are used by the program of their section', () => {
    const values = references.filter(
      ({ name }) => !names.find((each) => each.name === name)?.isType,
    );
    const unused = values.filter(({ name, example }) => !new RegExp(`\\b${name}\\b`).test(example));
    expect(unused.map(({ name }) => name)).toEqual([]);
    expect(references.filter(({ example }) => example === '')).toEqual([]);
  });

  test('have errors with codes that exist, or none', () => {
    const wrong = references.filter(({ errors }) =>
      (errors.match(/ERR_\w+/g) ?? []).some((code) => !codes.includes(code)),
    );
    expect(wrong).toEqual([]);
    expect(references.filter(({ errors }) => errors.trim() === '')).toEqual([]);
  });

  test('say since when, in versions that were or are next', () => {
    const later = references.filter(
      ({ since }) => since.localeCompare(version, undefined, { numeric: true }) > 0,
    );
    expect(later).toEqual([]);
    expect(references.filter(({ since }) => !/^\d+\.\d+\.\d+$/.test(since))).toEqual([]);
  });
});
