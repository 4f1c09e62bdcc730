/** The place for the statement that gives access to the scope of a CommonJS module. */

import { Script } from 'node:vm';

import { attempt } from '../../attempt.js';
import { firstReturn } from '../../functions/source/early_return.js';
import { parseScript } from '../../functions/source/parsed_script.js';

/**
 * The offset at which a statement runs before the first `return` at the top level of a CommonJS module. It is behind
 * another statement, at the end of a line, if there is one, so that no column moves. Undefined without such a `return`.
 */
export function placeBeforeReturn(text: string): number | undefined {
  return returnsEarly(text) ? attempt(() => findPlace(text)) : undefined;
}

// V8 refuses such a text as a script. That is sooner known than by the parser, which most workers never load.
function returnsEarly(text: string): boolean {
  if (!/\breturn\b/.test(text)) return false;
  try {
    new Script(text);
    return false;
  } catch (error) {
    return String(error).startsWith('SyntaxError: Illegal return');
  }
}

function findPlace(text: string): number | undefined {
  const { statements } = parseScript(text, 'commonjs');
  const first = firstReturn(statements);
  if (first < 0) return undefined;
  for (let number = first; number > 0; number--) {
    const next = statements[number]!;
    if ('directive' in next) break;
    const { end } = statements[number - 1]!;
    if (text.slice(end, next.start).includes('\n')) return end;
  }
  return statements[first]!.start;
}
