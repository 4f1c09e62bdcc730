/** The functions of a source and the names they use, as eslint's scope manager sees them. */

import { parse, type AnyNode } from 'acorn';
import { analyze, type Reference, type ScopeManager, type Variable } from 'eslint-scope';
import { lastAtOrBefore } from '../../../lib/functions/source/text_positions.js';

export interface FunctionInSource {
  /** Offset that V8 gives as its location. */
  readonly location: number;
  readonly start: number;
  readonly end: number;
}

interface NamesUsed {
  readonly locals: string[];
  readonly moduleNames: string[];
  readonly globals: string[];
}

export class IndependentScopes {
  readonly functions: readonly FunctionInSource[];
  readonly #format: 'module' | 'commonjs';
  readonly #references: readonly Reference[];

  constructor(source: string, format: 'module' | 'commonjs') {
    this.#format = format;
    const program = parse(source, { ecmaVersion: 'latest', sourceType: format, ranges: true });
    const manager = analyze(program as Parameters<typeof analyze>[0], {
      ecmaVersion: 2026,
      sourceType: format,
      ignoreEval: true,
    });
    const parents = parentsIn(program);
    this.functions = functionsIn(manager).flatMap((node) =>
      located(source, node, parents.get(node)!),
    );
    this.#references = manager.scopes
      .flatMap(({ references }) => references)
      .sort((a, b) => startOf(a) - startOf(b));
  }

  namesUsedIn({ start, end }: FunctionInSource): NamesUsed {
    const places = new Map<string, keyof NamesUsed>();
    const first = lastAtOrBefore(this.#references, start - 1, startOf) + 1;
    for (const reference of this.#references.slice(first)) {
      if (startOf(reference) >= end) break;
      if (isWithin(reference.resolved, start, end)) continue;
      const name = reference.identifier.name;
      const place = this.#placeOf(name, reference.resolved);
      if (place) places.set(name, place);
    }
    const namesIn = (place: keyof NamesUsed): string[] =>
      [...places.keys()].filter((name) => places.get(name) === place);
    return {
      locals: namesIn('locals'),
      moduleNames: namesIn('moduleNames'),
      globals: namesIn('globals'),
    };
  }

  #placeOf(name: string, resolved: Variable | null): keyof NamesUsed | undefined {
    if (resolved === null) {
      return this.#format === 'commonjs' && COMMONJS.has(name) ? 'moduleNames' : 'globals';
    }
    const { defs, scope } = outsideOfClass(resolved);
    // The `arguments` of an enclosing function are not a variable.
    if (name === 'arguments' && defs.length === 0) return undefined;
    return scope.block.type === 'Program' ? 'moduleNames' : 'locals';
  }
}

const COMMONJS = new Set(['module', 'exports']);

function functionsIn({ scopes }: ScopeManager): AnyNode[] {
  const blocks = scopes
    .filter(
      ({ type, block }) => (type === 'function' || type === 'class') && block.type !== 'Program',
    )
    .map(({ block }) => block as AnyNode);
  return [...new Set(blocks)];
}

function located(source: string, node: AnyNode, parent: AnyNode): FunctionInSource[] {
  const { start, end } = node;
  if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
    const constructor = node.body.body.find(
      (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
    );
    const written = constructor?.type === 'MethodDefinition' ? constructor.value : undefined;
    return [{ location: written?.start ?? start, start, end }];
  }
  if (node.type === 'ArrowFunctionExpression') return [{ location: start, start, end }];
  if (parent.type === 'MethodDefinition') {
    const keyword = /^static\s+/.exec(source.slice(parent.start, parent.value.start))?.[0] ?? '';
    const text = { location: start, start: parent.start + keyword.length, end };
    return parent.kind === 'constructor' ? [] : [text];
  }
  if (parent.type === 'Property' && source[start] === '(') {
    return [{ location: start, start: parent.start, end }];
  }
  const afterName = 'id' in node && node.id && 'end' in node.id ? node.id.end : start;
  return [{ location: source.indexOf('(', afterName), start, end }];
}

/** The name of a declared class inside of it stands for the variable outside. */
function outsideOfClass(variable: Variable): Variable {
  const { scope, name } = variable;
  if (scope.type !== 'class' || scope.block.type !== 'ClassDeclaration') return variable;
  return scope.upper?.set.get(name) ?? variable;
}

function isWithin(variable: Variable | null, start: number, end: number): boolean {
  const range = variable?.scope.block.range;
  return range !== undefined && start <= range[0] && range[1] <= end;
}

function startOf({ identifier }: Reference): number {
  return identifier.range![0];
}

function parentsIn(program: AnyNode): Map<AnyNode, AnyNode> {
  const parents = new Map<AnyNode, AnyNode>();
  const open: AnyNode[] = [program];
  for (let node = open.pop(); node; node = open.pop()) {
    for (const child of (Object.values(node) as unknown[]).flat()) {
      if (typeof child !== 'object' || child === null || !('type' in child)) continue;
      parents.set(child as AnyNode, node);
      open.push(child as AnyNode);
    }
  }
  return parents;
}
