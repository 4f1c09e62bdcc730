/** Finds the names that statements, patterns and classes declare. */

import type { AnyNode, CatchClause, ForStatement, Pattern, Statement } from 'acorn';
import type { ClassNode, StatementNode } from './syntax.js';

/** The names that a binding pattern declares. */
export function patternNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? patternNames(element) : []));
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    case 'RestElement':
      return patternNames(pattern.argument);
    case 'MemberExpression':
      return [];
  }
}

/** The names that a class declares inside its text: its own name, and private names with their `#`. */
export function classNames({ id, body }: ClassNode): string[] {
  const names = id ? [id.name] : [];
  for (const member of body.body) {
    if (member.type !== 'StaticBlock' && member.key.type === 'PrivateIdentifier') {
      names.push(`#${member.key.name}`);
    }
  }
  return names;
}

/**
 * True if instances of the class have #private members. Static ones belong to the class alone, unless they have what instances
 * cannot be sent with: a WeakMap.
 */
export function hasPrivateMembers({ body }: ClassNode): boolean {
  return body.body.some(
    (member) =>
      member.type !== 'StaticBlock' &&
      member.key.type === 'PrivateIdentifier' &&
      (!member.static || isWeak(member.value)),
  );
}

function isWeak(value: AnyNode | null | undefined): boolean {
  return (
    value?.type === 'NewExpression' &&
    value.callee.type === 'Identifier' &&
    /^Weak(Map|Set)$/.test(value.callee.name)
  );
}

/** The names declared in the block itself: `let`, `const`, classes, functions, imports. */
export function lexicalNames(statements: readonly StatementNode[]): string[] {
  return statements.flatMap(lexicalNamesOf);
}

function lexicalNamesOf(statement: StatementNode): string[] {
  switch (statement.type) {
    case 'VariableDeclaration':
      return statement.kind === 'var'
        ? []
        : statement.declarations.flatMap(({ id }) => patternNames(id));
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return [statement.id.name];
    case 'LabeledStatement':
      return lexicalNamesOf(statement.body);
    case 'ImportDeclaration':
      return statement.specifiers.map(({ local }) => local.name);
    case 'ExportNamedDeclaration':
      return statement.declaration ? lexicalNamesOf(statement.declaration) : [];
    case 'ExportDefaultDeclaration': {
      const { declaration } = statement;
      const declares =
        declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
      return declares && declaration.id ? [declaration.id.name] : [];
    }
    default:
      return [];
  }
}

/** The names that the head of a loop declares for its body. */
export function loopNames(head: ForStatement['init'] | Pattern): string[] {
  return head?.type === 'VariableDeclaration' ? lexicalNamesOf(head) : [];
}

/** The names that `catch (…)` declares. */
export function catchNames({ param }: CatchClause): string[] {
  return param ? patternNames(param) : [];
}

/**
 * The names that statements, and blocks inside them, declare for the whole function: `var`, and in sloppy code also
 * functions declared in blocks, unless a declaration of the same name lies between (ECMAScript, annex B.3.2).
 */
export function hoistedNames(statements: readonly StatementNode[], strict: boolean): Set<string> {
  const names = new Set<string>();
  const between: (readonly string[])[] = [];
  for (const statement of statements) hoist(statement);
  return names;

  function hoist(statement: StatementNode | null | undefined): void {
    switch (statement?.type) {
      case 'VariableDeclaration':
        if (statement.kind !== 'var') return;
        for (const { id } of statement.declarations) patternNames(id).forEach((n) => names.add(n));
        return;
      case 'ExportNamedDeclaration':
        hoist(statement.declaration);
        return;
      case 'BlockStatement':
        hoistBlock(statement.body);
        return;
      case 'IfStatement':
        hoistBranch(statement.consequent);
        hoistBranch(statement.alternate);
        return;
      case 'ForStatement':
        if (statement.init?.type === 'VariableDeclaration') hoist(statement.init);
        hoistBelow(loopNames(statement.init), statement.body);
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (statement.left.type === 'VariableDeclaration') hoist(statement.left);
        hoistBelow(loopNames(statement.left), statement.body);
        return;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'WithStatement':
      case 'LabeledStatement':
        hoist(statement.body);
        return;
      case 'SwitchStatement':
        hoistBlock(statement.cases.flatMap(({ consequent }) => consequent));
        return;
      case 'TryStatement': {
        const { handler } = statement;
        hoist(statement.block);
        // A plain parameter may have a function of its name in the block, a pattern may not (annex B.3.4).
        if (handler?.param?.type === 'Identifier') hoist(handler.body);
        else if (handler) hoistBelow(catchNames(handler), handler.body);
        hoist(statement.finalizer);
        return;
      }
    }
  }

  function hoistBranch(branch: Statement | null | undefined): void {
    if (branch?.type === 'FunctionDeclaration') hoistBlock([branch]);
    else hoist(branch);
  }

  function hoistBlock(block: readonly Statement[]): void {
    for (const statement of block) {
      if (statement.type !== 'FunctionDeclaration' || strict) continue;
      const { id, async, generator } = statement;
      const hidden = between.some((declared) => declared.includes(id.name));
      if (!async && !generator && !hidden) names.add(id.name);
    }
    hoistBelow(lexicalNames(block), ...block);
  }

  function hoistBelow(declared: readonly string[], ...below: readonly Statement[]): void {
    between.push(declared);
    for (const statement of below) hoist(statement);
    between.pop();
  }
}
