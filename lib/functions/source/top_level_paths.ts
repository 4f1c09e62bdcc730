/** Finds the paths by which functions can be reached from the top level of their module. */

import type {
  AnyNode,
  AssignmentExpression,
  Expression,
  MemberExpression,
  ObjectExpression,
  Pattern,
  VariableDeclaration,
} from 'acorn';
import { isClass, isFunction, staticKey } from './syntax.js';
import type { ClassNode, FunctionNode, StatementNode } from './syntax.js';

/** A name of the top level, followed by names of properties: `['K', 'prototype', 'm']`, `['handlers', 0]`. */
export type Path = readonly (string | number)[];

/** Stands for the name of a default export that has none. */
export const DEFAULT_EXPORT = '*default*';

/**
 * The functions and classes that the text shows to be reachable, with their paths. A path may become wrong (`let f = ()
 * => 1; f = other`), so code that follows a path checks what it finds.
 *
 * @param declares - whether a name is one of the top level
 */
export function topLevelPaths(
  statements: readonly StatementNode[],
  declares: (name: string) => boolean,
): Map<AnyNode, Path> {
  const paths = new Map<AnyNode, Path>();
  for (const statement of statements) nameStatement(statement);
  return paths;

  function nameStatement(statement: StatementNode): void {
    switch (statement.type) {
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        nameValue(statement, [statement.id.name]);
        return;
      case 'VariableDeclaration':
        nameVariables(statement);
        return;
      case 'ExpressionStatement':
        if (statement.expression.type === 'AssignmentExpression') nameValue(statement.expression);
        return;
      case 'ExportNamedDeclaration':
        if (statement.declaration) nameStatement(statement.declaration);
        return;
      case 'ExportDefaultDeclaration': {
        const { declaration } = statement;
        const declared = declaration.type.endsWith('Declaration');
        const name = declared && 'id' in declaration ? declaration.id?.name : undefined;
        nameValue(declaration, [name ?? DEFAULT_EXPORT]);
      }
    }
  }

  function nameVariables({ declarations }: VariableDeclaration): void {
    for (const { id, init } of declarations) {
      if (id.type === 'Identifier' && init) nameValue(init, [id.name]);
    }
  }

  function nameValue(value: Expression | FunctionNode | ClassNode, path?: Path): void {
    if (value.type === 'AssignmentExpression') {
      nameAssigned(value, path);
    } else if (path !== undefined) {
      if (isFunction(value) || isClass(value)) paths.set(value, path);
      if (isClass(value)) nameMembers(value, path);
      if (value.type === 'ObjectExpression') nameProperties(value, path);
      if (value.type === 'ArrayExpression') nameElements(value.elements, path);
    }
  }

  /** Names the value of an assignment: in `a = b = value` by the first target. */
  function nameAssigned({ operator, left, right }: AssignmentExpression, path?: Path): void {
    const target = operator === '=' ? assignedPath(left) : undefined;
    const root = target?.[0];
    const reachable = typeof root === 'string' && declares(root) ? target : undefined;
    // `exports = module.exports = …`: of the two only the second can be reached from outside.
    const isLocalExports = reachable?.length === 1 && root === 'exports';
    if (isLocalExports && right.type === 'AssignmentExpression') nameValue(right, path);
    else nameValue(right, path ?? reachable);
  }

  function nameMembers({ body }: ClassNode, path: Path): void {
    for (const member of body.body) {
      if (member.type === 'StaticBlock') continue;
      const key = staticKey(member.key, member.computed);
      if (key === undefined) continue;
      if (member.type === 'MethodDefinition') {
        const owner = member.static ? path : [...path, 'prototype'];
        if (member.kind === 'method') nameValue(member.value, [...owner, key]);
      } else if (member.static && member.value) {
        nameValue(member.value, [...path, key]);
      }
    }
  }

  function nameProperties({ properties }: ObjectExpression, path: Path): void {
    for (const property of properties) {
      if (property.type === 'SpreadElement' || property.kind !== 'init') continue;
      const key = staticKey(property.key, property.computed);
      if (key !== undefined) nameValue(property.value, [...path, key]);
    }
  }

  function nameElements(elements: readonly (AnyNode | null)[], path: Path): void {
    for (const [index, element] of elements.entries()) {
      if (element?.type === 'SpreadElement') return;
      if (element) nameValue(element as Expression, [...path, index]);
    }
  }
}

function assignedPath(target: Pattern | MemberExpression['object']): Path | undefined {
  if (target.type === 'Identifier') return [target.name];
  if (target.type !== 'MemberExpression') return undefined;
  const owner = assignedPath(target.object);
  const key = staticKey(target.property, target.computed);
  return owner && key !== undefined ? [...owner, key] : undefined;
}
