/** The parser, loaded when the first function is parsed: most workers never parse one. */

import type * as Acorn from 'acorn';
import type { Options, Program, Token } from 'acorn';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** `text` with each `import.meta` replaced by `name`, which has the same length. */
export function replaceImportMeta(text: string, name: string): string {
  const { tokenizer, tokTypes } = load();
  let result = text;
  let [before, last]: (Token | undefined)[] = [];
  const source = `(${text})`;
  for (const token of tokenizer(source, { ecmaVersion: 'latest', sourceType: 'module' })) {
    if (
      before?.type === tokTypes._import &&
      last?.type === tokTypes.dot &&
      source.slice(token.start, token.end) === 'meta'
    ) {
      const [start, end] = [before.start - 1, token.end - 1];
      result = result.slice(0, start) + name.padEnd(end - start) + result.slice(end);
    }
    [before, last] = [last, token];
  }
  return result;
}

/**
 * The syntax tree of `source`.
 *
 * @throws {SyntaxError} acorn's error
 */
export function parse(source: string, options: Options): Program {
  return load().parse(source, options);
}

function load(): typeof Acorn {
  return require('acorn') as typeof Acorn;
}
