/** A statement that runs before the first `return` of a CommonJS module, and moves nothing. */
import { placeBeforeReturn } from '../../../lib/worker/modules/place_of_access.js';

/** The text with a mark where the statement would be. */
function marked(text: string): string {
  const place = placeBeforeReturn(text);
  return place === undefined ? text : `${text.slice(0, place)}|${text.slice(place)}`;
}

test.each([
  ['at the end of the line before', 'a();\nif (x) return;\nb();', 'a();|\nif (x) return;\nb();'],
  ['before a comment there', 'a() // b\n\nif (x) return', 'a()| // b\n\nif (x) return'],
  ['of an earlier line', 'a();\nb(); if (x) return;', 'a();|\nb(); if (x) return;'],
  [
    'behind directives',
    '"use strict"\n"use b"\nif (x) return;',
    '"use strict"\n"use b"|\nif (x) return;',
  ],
  ['not between them', '"a"\n"use strict"; if (x) return;', '"a"\n"use strict"; |if (x) return;'],
  ['behind #!', '#!/usr/bin/node\nif (x) return;', '#!/usr/bin/node\n|if (x) return;'],
  ['in a text of one line', 'a(); if (x) return;', 'a(); |if (x) return;'],
])('%s', (_, text, expected) => {
  expect(marked(text)).toBe(expected);
});

test.each([
  'if (x) { return; }',
  'if (x) ; else return;',
  'for (;;) return;',
  'for (a in b) return;',
  'for (a of b) return;',
  'while (x) return;',
  'do return; while (x);',
  'a: { return; }',
  'with (x) return;',
  'switch (x) { case 1: return; }',
  'try { return; } catch {}',
  'try {} catch { return; }',
  'try {} finally { return; }',
])('finds the return of %s', (statement) => {
  expect(marked(`a();\n${statement}`)).toBe(`a();|\n${statement}`);
});

test.each([
  ['no return', 'a();\nb();'],
  ['that of a function', 'a();\nfunction f() { return; }\nclass C { m() { return; } }'],
  ['that of an ES module', 'import a from "a";\nfunction f() { return; }'],
  ['a text that cannot be parsed', 'a();\nreturn;\nlet let;'],
])('%s: none', (_, text) => {
  expect(marked(text)).toBe(text);
});
