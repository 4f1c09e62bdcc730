/** A walk over a syntax tree that knows the scope of every node. */

import type { AnyNode, BinaryExpression, LogicalExpression } from 'acorn';
import { Scope } from './scopes.js';
import type { ClassNode, FunctionNode } from './syntax.js';

/**
 * Called for a node before the nodes inside it. Names that refer to no variable (of properties, labels, imports) are
 * omitted. Names at their declaration are not omitted; their scope is one that declares them.
 */
export type Enter = (node: AnyNode, scope: Scope, parent: AnyNode | undefined) => void;

/** Calls `enter` for `node` and all nodes below it, each with its scope, parents before children. */
export function walk(node: AnyNode, scope: Scope, enter: Enter, parent?: AnyNode): void {
  enter(node, scope, parent);
  switch (node.type) {
    case 'Identifier':
    case 'Literal':
    case 'ThisExpression':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'TemplateElement':
      return;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      walkFunction(node, scope, enter);
      return;
    case 'ClassDeclaration':
    case 'ClassExpression':
      walkClass(node, scope, enter);
      return;
    case 'MemberExpression':
      walk(node.object, scope, enter, node);
      if (node.computed || node.property.type === 'PrivateIdentifier') {
        walk(node.property, scope, enter, node);
      }
      return;
    case 'Property':
    case 'MethodDefinition':
      if (node.computed) walk(node.key, scope, enter, node);
      walk(node.value, scope, enter, node);
      return;
    case 'PropertyDefinition':
      if (node.computed) walk(node.key, scope, enter, node);
      if (node.value) walk(node.value, new Scope('initialiser', node, scope), enter, node);
      return;
    case 'BinaryExpression':
    case 'LogicalExpression':
      walkOperands(node, scope, enter);
      return;
    case 'LabeledStatement':
      walk(node.body, scope, enter, node);
      return;
    case 'ExportNamedDeclaration':
      if (node.declaration) walk(node.declaration, scope, enter, node);
      return;
    case 'SwitchStatement': {
      walk(node.discriminant, scope, enter, node);
      const block = new Scope('block', node, scope);
      for (const branch of node.cases) walk(branch, block, enter, node);
      return;
    }
    case 'StaticBlock':
      walkChildren(node, new Scope('static block', node, scope), enter);
      return;
    case 'BlockStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'CatchClause':
      walkChildren(node, new Scope('block', node, scope), enter);
      return;
    default:
      walkChildren(node, scope, enter);
  }
}

function walkFunction(fn: FunctionNode, scope: Scope, enter: Enter): void {
  const named = fn.type === 'FunctionExpression' && fn.id;
  const outer = named ? new Scope('own name', fn, scope) : scope;
  const isArrow = fn.type === 'ArrowFunctionExpression';
  const parameters = new Scope(isArrow ? 'arrow' : 'function', fn, outer);
  for (const parameter of fn.params) walk(parameter, parameters, enter, fn);
  if (fn.body.type === 'BlockStatement') {
    const body = new Scope('body', fn, parameters);
    for (const statement of fn.body.body) walk(statement, body, enter, fn.body);
  } else {
    walk(fn.body, parameters, enter, fn);
  }
}

function walkClass(node: ClassNode, scope: Scope, enter: Enter): void {
  const inner = new Scope('class', node, scope);
  if (node.superClass) walk(node.superClass, inner, enter, node);
  for (const member of node.body.body) walk(member, inner, enter, node);
}

/** Walks the left operands without recursion, since a sum of thousands of terms would overflow the stack. */
function walkOperands(node: OperationNode, scope: Scope, enter: Enter): void {
  const operations: OperationNode[] = [node];
  let left: AnyNode = node.left;
  for (; isOperation(left); left = left.left) {
    enter(left, scope, operations.at(-1));
    operations.push(left);
  }
  walk(left, scope, enter, operations.at(-1));
  for (const operation of operations.reverse()) walk(operation.right, scope, enter, operation);
}

type OperationNode = BinaryExpression | LogicalExpression;

function isOperation(node: AnyNode): node is OperationNode {
  return node.type === 'BinaryExpression' || node.type === 'LogicalExpression';
}

function walkChildren(node: AnyNode, scope: Scope, enter: Enter): void {
  for (const child of Object.values(node) as unknown[]) {
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) walk(item, scope, enter, node);
    } else if (isNode(child)) {
      walk(child, scope, enter, node);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value;
}
