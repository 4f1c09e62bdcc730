/**
 * Makes functions from their text: in the scope of their module, through scope access, or alone. The text keeps its
 * position, so that stack traces show the user's own line and column.
 */

import { Module } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

import { startDirectory } from '../start_directory.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import type { SourceText } from './function_definition.js';
import type { ScopeAccess } from './module_access.js';

/** A new function, whose captured variables must still be assigned. */
export interface MadeFunction {
  readonly fn: AnyFunction;
  readonly assign: (values: readonly unknown[]) => void;
}

/** The text of a function to be made here, and the variables around it. */
export interface Recipe extends SourceText {
  readonly text: string;
  readonly captured: readonly string[];
}

type Make = (
  values: readonly unknown[] | undefined,
) => [written: unknown, assign: (values: readonly unknown[]) => void];

// What Node.js has, and @types/node does not know.
interface CompilableModule extends NodeJS.Module {
  _compile(code: string, filename: string): void;
}

const { _nodeModulePaths: nodeModulePaths } = Module as unknown as {
  _nodeModulePaths: (from: string) => string[];
};

/**
 * Compiles the text once; the result makes a function each time it is called. `early` has the captured variables that a
 * class may need while it is being made, such as the class that it extends.
 */
export function compile(
  recipe: Recipe,
  scope: ScopeAccess | undefined,
): (early?: readonly unknown[]) => MadeFunction {
  const make = scope === undefined ? evaluateAlone(recipe) : evaluateInside(recipe, scope);
  return (early) => {
    const [written, assign] = make(early);
    const fn = recipe.shape === 'member' ? soleMember(written as object) : (written as AnyFunction);
    if (fn.name !== recipe.name)
      Object.defineProperty(fn, 'name', { value: recipe.name, configurable: true });
    return { fn, assign };
  };
}

/** The script in which the text of a function was written. */
export type TextOrigin = Pick<SourceText, 'file' | 'sourceHash' | 'commonJs' | 'moduleNames'>;

/**
 * The origin of the text from which a script was compiled here: needed for functions inside the function that it made.
 * It is in the script itself, and so is there as long as these are.
 */
export function originOfText(script: string): TextOrigin | undefined {
  const [, origin] =
    /^\s*(?:module\.exports=)?\[function\(\)\{\/\*mpi-futures (\{.*?\})\*\//.exec(script) ?? [];
  return origin === undefined ? undefined : (JSON.parse(origin) as TextOrigin);
}

function markOf({ file, sourceHash, commonJs, moduleNames }: TextOrigin): string {
  const origin = JSON.stringify({ file, sourceHash, commonJs, moduleNames });
  return `/*mpi-futures ${origin.replaceAll('*/', '*\\/')}*/`;
}

function soleMember(members: object): AnyFunction {
  const [name = ''] = Reflect.ownKeys(members);
  const member: { value?: unknown; get?: unknown; set?: unknown } | undefined =
    Object.getOwnPropertyDescriptor(members, name);
  return (member?.value ?? member?.get ?? member?.set) as AnyFunction;
}

/**
 * The text before and after the function's own in the script. The function's text begins on a new line, in the same
 * column as it did.
 */
function wrapperOf(recipe: Recipe): [begin: string, end: string] {
  const { captured, strict, shape } = recipe;
  const variables = captured.length === 0 ? '' : `var ${captured.join(',')};`;
  const assign = captured
    .map((name, index) => `${name}=__mpi_futures_values__[${index}];`)
    .join('');
  const now = captured.length === 0 ? '' : `if(__mpi_futures_values__){${assign}}`;
  const [open, close] = shape === 'member' ? ['({', '})'] : ['(', ')'];
  return [
    `[function(){${markOf(recipe)}${strict ? '"use strict";' : ''}` +
      `return function(__mpi_futures_values__){${variables}${now}return[${open}`,
    `${close},function(__mpi_futures_values__){${assign}}]}}][0]`,
  ];
}

function evaluateAlone(recipe: Recipe): Make {
  const { file, line, column, text, commonJs, imports } = recipe;
  if (commonJs || imports) return evaluateInFile(recipe);
  const [begin, end] = wrapperOf(recipe);
  const script = new Script(`${begin}\n${' '.repeat(column)}${text}${end}`, {
    filename: file,
    lineOffset: line - 1,
  });
  return (script.runInThisContext() as () => Make)();
}

/**
 * Evaluates the text as a CommonJS module in place of the file, so that `require` and `import()` resolve as they did
 * there.
 */
function evaluateInFile(recipe: Recipe): Make {
  const { file } = recipe;
  // The text of `node -e` stands nowhere, but has the directory around it that it was started in.
  const path = file.startsWith('file:') ? fileURLToPath(file) : join(startDirectory, 'eval');
  const module = new Module(path) as CompilableModule;
  module.filename = path;
  module.paths = nodeModulePaths(dirname(path));
  module._compile(
    `${padded(recipe, 'module.exports=')}\n//# sourceURL=${recipe.commonJs ? path : file}`,
    path,
  );
  return (module.exports as () => Make)();
}

function evaluateInside(recipe: Recipe, scope: ScopeAccess): Make {
  const evaluated = scope(`${padded(recipe, '')}\n//# sourceURL=${recipe.file}`) as () => Make;
  return evaluated();
}

// In the first line of a file there is no line before the text for the wrapper: it takes the columns before it.
function padded(recipe: Recipe, start: string): string {
  const { line, column, text } = recipe;
  const [begin, end] = wrapperOf(recipe);
  const before =
    line > 0
      ? `${'\n'.repeat(line - 1)}${start}${begin}\n${' '.repeat(column)}`
      : `${start}${begin}`.padEnd(column);
  return before + text + end;
}
