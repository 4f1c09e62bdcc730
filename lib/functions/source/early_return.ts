/** Returns at the top level, which a CommonJS module may have: what follows them may not run on a worker. */

import type { AnyNode } from 'acorn';

import type { StatementNode } from './syntax.js';

/** The number of the first of these statements at which workers return, as far as the text shows it; -1 if there is none. */
export function firstReturnOfWorkers(statements: readonly StatementNode[]): number {
  return statements.findIndex(
    (statement) =>
      statement.type === 'ReturnStatement' ||
      (statement.type === 'IfStatement' &&
        ((isOfWorkers(statement.test) && mayReturn(statement.consequent)) ||
          (isOfProgram(statement.test) && mayReturn(statement.alternate)))),
  );
}

/** True for `!isMain` and `require.main !== module`, also as a part of `||`. */
function isOfWorkers(test: AnyNode): boolean {
  switch (test.type) {
    case 'LogicalExpression':
      return test.operator === '||' && (isOfWorkers(test.left) || isOfWorkers(test.right));
    case 'UnaryExpression':
      return test.operator === '!' && isOfProgram(test.argument);
    case 'BinaryExpression':
      return /^!==?$/.test(test.operator) && (isMainModule(test.left) || isMainModule(test.right));
    default:
      return false;
  }
}

/** True for `isMain`, of a module object, too, and `require.main === module`. */
function isOfProgram(test: AnyNode): boolean {
  switch (test.type) {
    case 'Identifier':
      return test.name === 'isMain';
    case 'MemberExpression':
      return test.property.type === 'Identifier' && test.property.name === 'isMain';
    case 'BinaryExpression':
      return /^===?$/.test(test.operator) && (isMainModule(test.left) || isMainModule(test.right));
    default:
      return false;
  }
}

function isMainModule(node: AnyNode): boolean {
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    node.object.name === 'require' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'main'
  );
}

/** The number of the first of these statements that may return; -1 if none does. */
export function firstReturn(statements: readonly StatementNode[]): number {
  return statements.findIndex(mayReturn);
}

function mayReturn(node: AnyNode | null | undefined): boolean {
  switch (node?.type) {
    case 'ReturnStatement':
      return true;
    case 'BlockStatement':
      return node.body.some(mayReturn);
    case 'IfStatement':
      return mayReturn(node.consequent) || mayReturn(node.alternate);
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
    case 'WithStatement':
      return mayReturn(node.body);
    case 'SwitchStatement':
      return node.cases.some(({ consequent }) => consequent.some(mayReturn));
    case 'TryStatement':
      return [node.block, node.handler?.body, node.finalizer].some(mayReturn);
    default:
      return false;
  }
}
