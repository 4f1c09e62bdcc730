/** Parses scripts, and finds the statements that are a module's top level. */

import type { AnyNode, Expression, Options, Program } from 'acorn';
import { patternNames } from './declarations.js';
import { COMMONJS_PARAMETERS, type ScriptKind } from './scopes.js';
import type { FunctionNode, StatementNode } from './syntax.js';
import { parse } from './parser.js';

/**
 * The way in which a script is run: as an ES module, as a CommonJS module (its text is the body of a function, as
 * Node.js compiles it), or as a plain script, as `node -e`, `node:vm` and test runners do.
 */
export type ScriptFormat = 'module' | 'commonjs' | 'script';

/** The syntax tree of a script. Its top level is that of the module in it. */
export interface ParsedScript {
  readonly program: Program;
  readonly kind: ScriptKind;
  /** The statements of its top level; with a test runner's wrapper, those inside the wrapper. */
  readonly statements: readonly StatementNode[];
  /** The nodes whose scopes are at the top level. */
  readonly topLevel: ReadonlySet<AnyNode>;
  /** The names that exist at its top level without a declaration. */
  readonly parameters: readonly string[];
}

const FORMATS: readonly ScriptFormat[] = ['module', 'commonjs', 'script'];

/**
 * @param format - tried first; the others follow, since a script that V8 has compiled has one of these formats
 * @throws {SyntaxError} acorn's error for `format`
 */
export function parseScript(source: string, format: ScriptFormat): ParsedScript {
  let refusal: unknown;
  for (const kind of new Set([format, ...FORMATS])) {
    try {
      const program = parse(source, parserOptions(kind));
      return { program, kind, ...topLevelOf(program, kind) };
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}

/** The options with which acorn reads a text as V8 does. */
export function parserOptions(sourceType: ScriptFormat): Options {
  return {
    ecmaVersion: 'latest',
    sourceType,
    // In plain scripts `node -p` and the REPL take it.
    ...(sourceType === 'script' && { allowAwaitOutsideFunction: true }),
  };
}

type TopLevel = Pick<ParsedScript, 'statements' | 'topLevel' | 'parameters'>;

function topLevelOf(program: Program, format: ScriptFormat): TopLevel {
  const wrapper = format === 'module' ? undefined : wrapperOf(program);
  if (wrapper?.body.type !== 'BlockStatement') {
    const parameters = format === 'commonjs' ? COMMONJS_PARAMETERS : [];
    return { statements: program.body, topLevel: new Set([program]), parameters };
  }
  const parameters = wrapper.params.flatMap(patternNames);
  const [first, ...others] = wrapper.body.body;
  const block = first?.type === 'BlockStatement' && others.length === 0 ? first : wrapper.body;
  return { statements: block.body, topLevel: new Set([program, wrapper, block]), parameters };
}

/**
 * The function in which a test runner wraps a module: jest's `({"Object.<anonymous>":function(module,exports,…){…}})`,
 * vite's `async (__vi_import__,…)=>{{…}}` or `(async function anonymous(__vite_ssr_exports__,…) {…})`, Node.js's own
 * `(function (exports, require, module, …) {…})`.
 */
function wrapperOf({ body }: Program): FunctionNode | undefined {
  const [statement, ...others] = body.filter((node) => !('directive' in node));
  if (statement?.type !== 'ExpressionStatement' || others.length > 0) return undefined;
  const wrapper = onlyValueOf(statement.expression);
  if (wrapper.type !== 'FunctionExpression' && wrapper.type !== 'ArrowFunctionExpression') {
    return undefined;
  }
  const parameters = wrapper.params.flatMap(patternNames);
  const isCommonJs = ['module', 'exports', 'require'].every((name) => parameters.includes(name));
  return isCommonJs || parameters.some((name) => name.startsWith('__vi')) ? wrapper : undefined;
}

function onlyValueOf(expression: Expression): Expression {
  if (expression.type !== 'ObjectExpression') return expression;
  const [property, ...others] = expression.properties;
  return property?.type === 'Property' && others.length === 0 ? property.value : expression;
}
