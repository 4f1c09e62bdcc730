import type { ExportDefaultDeclaration, Identifier, Literal } from 'acorn';
import { hoistedNames, lexicalNames } from './declarations.js';
import type { StatementNode } from './syntax.js';
import { DEFAULT_EXPORT } from './top_level_paths.js';

/** The name under which an ES module exports each of its variables; if it has several, the first. */
export function exportedNames(statements: readonly StatementNode[]): Map<string, string> {
  const exported = new Map<string, string>();
  const add = (local: string, name: string): void => {
    if (!exported.has(local)) exported.set(local, name);
  };
  for (const statement of statements) {
    if (statement.type === 'ExportDefaultDeclaration') {
      add(defaultExport(statement), 'default');
    } else if (statement.type === 'ExportNamedDeclaration' && !statement.source) {
      for (const { local, exported } of statement.specifiers) add(nameOf(local), nameOf(exported));
      for (const name of lexicalNames([statement])) add(name, name);
      for (const name of hoistedNames([statement], true)) add(name, name);
    }
  }
  return exported;
}

function defaultExport({ declaration }: ExportDefaultDeclaration): string {
  if (declaration.type === 'Identifier') return declaration.name;
  const isDeclared =
    declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
  return (isDeclared ? declaration.id?.name : undefined) ?? DEFAULT_EXPORT;
}

function nameOf(name: Identifier | Literal): string {
  return name.type === 'Identifier' ? name.name : String(name.value);
}
