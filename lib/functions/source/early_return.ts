/** Returns at the top level, which a CommonJS module may have: what follows them may not run on a worker. */

import type { AnyNode } from 'acorn';

import type { StatementNode } from './syntax.js';

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
