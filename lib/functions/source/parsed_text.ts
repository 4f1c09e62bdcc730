/** Parses the text of one function, for cases in which its script is not available. */

import type { AnyNode, Program } from 'acorn';
import { attempt } from '../../attempt.js';
import { parserOptions, type ParsedScript, type ScriptFormat } from './parsed_script.js';
import { isClass, isFunction } from './syntax.js';
import type { ClassNode, FunctionNode } from './syntax.js';
import { parse } from './parser.js';

/** The syntax tree of a function's text, wrapped so that it is a script. */
export interface ParsedText extends ParsedScript {
  readonly fn: FunctionNode | ClassNode;
}

/**
 * The wrappers that make a script from a function's text: as an expression, or as the only member of an object or
 * class.
 */
const SHAPES: readonly {
  before: string;
  after: string;
  pick: (program: Program) => AnyNode | undefined;
}[] = [
  { before: '(', after: '\n)', pick: expressionIn },
  { before: '({', after: '\n})', pick: propertyIn },
  { before: '(class {', after: '\n})', pick: memberIn },
];

/**
 * @param format - of the script that the text is from
 * @returns undefined for a text that is no function, such as `function () { [native code] }`
 */
export function parseFunctionText(text: string, format: ScriptFormat): ParsedText | undefined {
  for (const { before, after, pick } of SHAPES) {
    const program = parsed(before + text + after, format);
    const fn = program && pick(program);
    if (fn && (isFunction(fn) || isClass(fn))) {
      return { program, kind: 'fragment', statements: [], topLevel: new Set(), parameters: [], fn };
    }
  }
  return undefined;
}

function parsed(source: string, format: ScriptFormat): Program | undefined {
  const options = { allowSuperOutsideMethod: true, checkPrivateFields: false };
  return attempt(() => parse(source, { ...parserOptions(format), ...options }));
}

function expressionIn({ body }: Program): AnyNode | undefined {
  const [statement, ...others] = body;
  if (statement?.type !== 'ExpressionStatement' || others.length > 0) return undefined;
  return statement.expression;
}

function propertyIn(program: Program): AnyNode | undefined {
  const object = expressionIn(program);
  if (object?.type !== 'ObjectExpression' || object.properties.length !== 1) return undefined;
  const [property] = object.properties;
  return property?.type === 'Property' ? property.value : undefined;
}

function memberIn(program: Program): AnyNode | undefined {
  const [member, ...others] = membersIn(expressionIn(program));
  return member?.type === 'MethodDefinition' && others.length === 0 ? member.value : undefined;
}

function membersIn(node: AnyNode | undefined): readonly AnyNode[] {
  return node?.type === 'ClassExpression' ? node.body.body : [];
}
