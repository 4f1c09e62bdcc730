/** The parser, loaded when the first function is looked at: most workers never look at one. */

import type { Options, Program } from 'acorn';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function parse(source: string, options: Options): Program {
  const acorn = require('acorn') as typeof import('acorn');
  return acorn.parse(source, options);
}
