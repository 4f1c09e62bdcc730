/** The scripts that `new Function` compiles, and its kinds for generators and asynchronous functions: each has one function, and nothing around it. */

import type { Debugger } from 'node:inspector';

import type { Script } from './inspector.js';

/**
 * The script that has compiled the function with this text at this place, if that was `new Function`. Without it V8 would have to be asked
 * for the text, which takes it milliseconds for each such function.
 */
export function scriptOfNewFunction(
  text: string,
  { scriptId: id, lineNumber, columnNumber }: Debugger.Location,
): Script | undefined {
  const source = `(${text})`;
  const isAlone = lineNumber === 0 && columnNumber === source.indexOf('(', 1);
  // By a comment in it the text may have the name of a file.
  if (!isAlone || !isOfNewFunction.test(text) || text.includes('sourceURL')) return undefined;
  return { id, url: '', isModule: false, start: { line: 0, column: 0 }, source };
}

// The language prescribes the name, and the lines.
const isOfNewFunction = /^(async )?function\*? anonymous\([^]*\n\) \{\n/;
