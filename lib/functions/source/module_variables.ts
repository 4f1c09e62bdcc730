/**
 * The variables of a module's top level that may have another value in the program than on a worker. The worker runs
 * the module, but not the code inside `if (isMain)`.
 */

import type { AnyNode, CallExpression, FunctionDeclaration, LogicalExpression, MemberExpression } from 'acorn'; // prettier-ignore
import { hoistedNames, patternNames } from './declarations.js';
import { firstReturnOfWorkers } from './early_return.js';
import type { ParsedScript } from './parsed_script.js';
import { walk } from './scoped_walk.js';
import { Scope } from './scopes.js';
import { saysUseStrict, type StatementNode } from './syntax.js';

/** The variables of a module's top level that may change while the program runs. */
export interface ModuleVariables {
  /**
   * The variables whose present values are sent with a function that is made from its text. This excludes `const`,
   * functions, classes and imports, and each `var` that only statements of the top level itself assign to, because
   * compilers write `var` for all of those. Behind a `return` of the top level by which workers leave it, `const` and
   * `var` are included.
   */
  readonly carried: ReadonlySet<string>;
  /** The variables that a function, a branch, or a statement behind a `return` of workers assigns to. */
  readonly changing: ReadonlySet<string>;
}

const none: ModuleVariables = { carried: new Set(), changing: new Set() };

/** Sorts the variables of a script's top level by what its text assigns to. */
export function moduleVariables(script: ParsedScript): ModuleVariables {
  const { statements } = script;
  const strict = script.program.sourceType === 'module' || saysUseStrict(statements);
  const last = firstReturnOfWorkers(statements);
  const late = new Set(last < 0 ? [] : statements.slice(last + 1));
  const constants = [...late].flatMap((statement) => namesDeclared(statement, 'const'));
  const lets = new Set(statements.flatMap((statement) => namesDeclared(statement, 'let')));
  const vars = hoistedNames(statements, strict);
  for (const statement of statements) {
    const declared = declarationOf(statement);
    if (declared?.type === 'FunctionDeclaration' && declared.id) vars.delete(declared.id.name);
  }
  if (lets.size + vars.size + constants.length === 0) return none;
  const assigned = assignedBelow(script, late);
  const changing = new Set([...lets, ...vars].filter((name) => assigned.has(name)));
  for (const name of constants) changing.add(name);
  return { carried: new Set([...lets, ...changing]), changing };
}

function declarationOf(statement: StatementNode): AnyNode | null | undefined {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return statement.declaration;
    default:
      return statement;
  }
}

function namesDeclared(statement: StatementNode, kind: 'let' | 'const'): string[] {
  const declaration = declarationOf(statement);
  if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== kind) return [];
  return declaration.declarations.flatMap(({ id }) => patternNames(id));
}

/**
 * The names of the top level that functions, loops, branches and `late` statements assign to, which may not run on a
 * worker.
 */
function assignedBelow(
  { program, kind, statements, topLevel }: ParsedScript,
  late: ReadonlySet<AnyNode>,
): Set<string> {
  const found = new Set<string>();
  const ofTopLevel = new Set<AnyNode>(statements);
  let isStraight = false;
  let branchEnd = -1;
  walk(program, new Scope(kind, program), (node, scope, parent) => {
    if (ofTopLevel.has(node)) isStraight = isSimple(node) && !late.has(node);
    if (isBranch(node, parent)) branchEnd = Math.max(branchEnd, node.end);
    if (isStraight && node.start >= branchEnd && topLevel.has(scope.node)) return;
    if (node.type === 'FunctionDeclaration' && isInBlocks(scope, topLevel))
      found.add((node as FunctionDeclaration).id.name);
    for (const name of namesAssigned(node))
      if (isOfTopLevel(name, scope, topLevel)) found.add(name);
  });
  return found;
}

/** True if the whole statement runs whenever the module does. */
function isSimple(statement: AnyNode): boolean {
  return /^(VariableDeclaration|ExpressionStatement|Export\w+)$/.test(statement.type);
}

/** True for a part of an expression that may be skipped. */
function isBranch(node: AnyNode, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return node === parent.property && isBehindOptional(parent);
    case 'CallExpression':
      return node !== parent.callee && isBehindOptional(parent);
    case 'ConditionalExpression':
      return node !== parent.test;
    case 'LogicalExpression':
      return node === parent.right && !setsLeft(parent);
    case 'AssignmentExpression':
      return node === parent.right && /^(\|\||&&|\?\?)=$/.test(parent.operator);
    case 'AssignmentPattern':
      return node === parent.right;
    default:
      return false;
  }
}

/** True if what follows the object, or the function, of this link of a chain may be skipped: behind `?.`. */
function isBehindOptional(link: MemberExpression | CallExpression): boolean {
  for (
    let each: AnyNode = link;
    ;
    each = each.type === 'CallExpression' ? each.callee : each.object
  ) {
    if (each.type !== 'MemberExpression' && each.type !== 'CallExpression') return false;
    if (each.optional) return true;
  }
}

/** True for `a || (a = …)`, which compilers write, and which gives the variable a value wherever it has none. */
function setsLeft({ operator, left, right }: LogicalExpression): boolean {
  if (operator === '&&' || left.type !== 'Identifier') return false;
  // `a || (exports.a = a = {})` does so, too.
  for (let each = right; each.type === 'AssignmentExpression'; each = each.right)
    if (each.left.type === 'Identifier' && each.left.name === left.name) return true;
  return false;
}

function namesAssigned(node: AnyNode): readonly string[] {
  switch (node.type) {
    case 'AssignmentExpression':
      return patternNames(node.left);
    case 'UpdateExpression':
      return node.argument.type === 'Identifier' ? [node.argument.name] : [];
    case 'VariableDeclaration':
      return node.kind === 'var' ? node.declarations.flatMap(({ id }) => patternNames(id)) : [];
    case 'ForInStatement':
    case 'ForOfStatement':
      return node.left.type === 'VariableDeclaration' ? [] : patternNames(node.left);
    default:
      return [];
  }
}

function isOfTopLevel(name: string, from: Scope, topLevel: ReadonlySet<AnyNode>): boolean {
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    if (topLevel.has(scope.node)) return true;
    if (scope.declares(name)) return false;
  }
  return false;
}

/**
 * True if only blocks are between `from` and the top level: in sloppy code a function declared there is assigned to a
 * variable of the top level.
 */
function isInBlocks(from: Scope, topLevel: ReadonlySet<AnyNode>): boolean {
  let scope: Scope | undefined = from;
  while (scope?.kind === 'block') scope = scope.parent;
  return scope !== undefined && scope !== from && topLevel.has(scope.node);
}
