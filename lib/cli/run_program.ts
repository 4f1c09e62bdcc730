/**
 * Runs a program as Node.js itself would: a file as the main module, and a text as `node -e` and `node -` do, as CommonJS or,
 * where its syntax says so, as an ES module.
 */

import { builtinModules, createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

import { parseScript } from '../functions/source/parsed_script.js';
import { packageFile } from '../package_files.js';
import { standFor } from './module_redirect.js';

/** A file that stands for the program's text, because Node.js needs a file to start. */
const stub = 'dist/cli/text_stub.js';

interface CompilableModule extends NodeJS.Module {
  _compile(text: string, path: string): void;
}

/** Runs a file in the same way as Node.js starts a program, so that it is the main module in every respect. */
export function runFile(path: string): void {
  (Module as unknown as { runMain(path: string): void }).runMain(path);
}

/**
 * Runs a text now or, if it is an ES module, soon.
 *
 * @param name - the name that Node.js gives it: `[eval]` or `[stdin]`
 */
export function runText(text: string, name: '[eval]' | '[stdin]'): void {
  if (isModule(text, name)) {
    standFor(stub, text);
    runFile(packageFile(stub));
    return;
  }
  const path = join(process.cwd(), name);
  const module = new Module(name) as CompilableModule;
  const require = createRequire(path);
  module.filename = path;
  module.paths = require.resolve.paths('any') ?? [];
  defineBuiltins(require);
  module._compile(text, path);
}

/** @throws {SyntaxError} for a text that is neither an ES module nor CommonJS */
function isModule(text: string, name: string): boolean {
  try {
    new Script(text, { filename: name });
    return false;
  } catch (error) {
    if (isModuleSyntax(text, error)) return true;
    throw error;
  }
}

// V8's messages for a text that is wrong only as CommonJS. acorn cannot be used, because the text may have other
// errors, too.
function isModuleSyntax(text: string, error: unknown): boolean {
  const { message } = error as Partial<Error>;
  if (
    /import statement outside|Unexpected token 'export'|'import\.meta' outside/.test(message ?? '')
  )
    return true;
  try {
    return parseScript(text, 'commonjs').kind === 'module';
  } catch {
    return false;
  }
}

/** Defines Node.js's modules as globals, since code of `node -e` uses them without `require`. */
function defineBuiltins(require: NodeJS.Require): void {
  for (const name of builtinModules) {
    if (/^[a-z]\w*$/.test(name) && !(name in globalThis)) defineBuiltin(name, require);
  }
}

function defineBuiltin(name: string, require: NodeJS.Require): void {
  const set = (value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  };
  const get = (): unknown => {
    const value: unknown = require(name);
    set(value);
    return value;
  };
  Object.defineProperty(globalThis, name, { get, set, configurable: true });
}
