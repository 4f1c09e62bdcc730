/** The nodes of syntax trees that matter for functions, with the tests to recognize them. */

import type {
  AnonymousClassDeclaration,
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  ClassDeclaration,
  ClassExpression,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  MethodDefinition,
  ModuleDeclaration,
  PrivateIdentifier,
  Property,
  Statement,
} from 'acorn';

/** A function in a syntax tree. A method is a function in a {@link MethodNode}. */
export type FunctionNode =
  FunctionDeclaration | AnonymousFunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

/** A class in a syntax tree. */
export type ClassNode = ClassDeclaration | AnonymousClassDeclaration | ClassExpression;

/** A method, getter or setter of a class or of an object literal. Its text includes more than that of its function. */
export type MethodNode = MethodDefinition | Property;

/** A statement at the top level of a module or in a block. */
export type StatementNode = Statement | ModuleDeclaration;

/** True for a node that has parameters and a body. */
export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'FunctionExpression' ||
    node.type === 'FunctionDeclaration'
  );
}

/** True for a declaration or an expression of a class. */
export function isClass(node: AnyNode): node is ClassNode {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression';
}

/** `parent`, if it is a method, getter or setter whose function is `node`. */
export function methodOf(node: AnyNode, parent: AnyNode | undefined): MethodNode | undefined {
  if (parent?.type === 'MethodDefinition') return parent.value === node ? parent : undefined;
  if (parent?.type !== 'Property' || parent.value !== node) return undefined;
  return parent.method || parent.kind !== 'init' ? parent : undefined;
}

/** The name of a property, if the text shows it: `a.b`, `a['b']`, `{ b: … }`, `{ ['b']: … }`, `{ 1: … }`. */
export function staticKey(
  key: Expression | PrivateIdentifier,
  computed: boolean,
): string | undefined {
  if (key.type === 'Identifier') return computed ? undefined : key.name;
  if (key.type === 'TemplateLiteral') {
    return key.expressions.length === 0 ? (key.quasis[0]?.value.cooked ?? undefined) : undefined;
  }
  // String() of a regular expression is the key that a computed property would get, too.
  return key.type === 'Literal' ? String(key.value) : undefined;
}

/** True if statements begin with the directive 'use strict'. */
export function saysUseStrict(statements: readonly StatementNode[]): boolean {
  for (const statement of statements) {
    if (statement.type !== 'ExpressionStatement' || statement.directive === undefined) return false;
    if (statement.directive === 'use strict') return true;
  }
  return false;
}
