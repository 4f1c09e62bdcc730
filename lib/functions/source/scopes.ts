/** Scopes of names, made while a syntax tree is walked. Their declarations are collected on demand. */

import type { AnyNode } from 'acorn';
import {
  catchNames,
  classNames,
  hoistedNames,
  lexicalNames,
  loopNames,
  patternNames,
} from './declarations.js';
import { isClass, isFunction, saysUseStrict } from './syntax.js';

/**
 * The construct that opens a scope. The outermost one of a script shows how the script is run; what is around a
 * 'fragment' is unknown. A function has one scope for its parameters, another for the variables of its body, which
 * default values do not see, and one for its name if it is a named expression.
 */
export type ScopeKind =
  | ScriptKind
  | 'own name'
  | 'function'
  | 'arrow'
  | 'body'
  | 'class'
  | 'initialiser'
  | 'static block'
  | 'block';

/** The way in which a script is run; 'fragment' stands for the text of a function alone. */
export type ScriptKind = 'module' | 'commonjs' | 'script' | 'fragment';

/** The parameters of a CommonJS module that differ between modules; the others, such as `require`, are alike in all. */
export const COMMONJS_PARAMETERS: readonly string[] = ['module', 'exports'];

const OWN_THIS = new Set<ScopeKind>([
  'function',
  'initialiser',
  'static block',
  'commonjs',
  'fragment',
]);

const OWN_ARGUMENTS = new Set<ScopeKind>(['function', 'commonjs', 'fragment']);

const CALLABLE = new Set<ScopeKind>([
  'function',
  'arrow',
  'initialiser',
  'static block',
  'module',
  'commonjs',
  'script',
  'fragment',
]);

/** A scope, with the scopes around it. */
export class Scope {
  readonly kind: ScopeKind;
  readonly node: AnyNode;
  readonly parent: Scope | undefined;
  readonly strict: boolean;
  #names: ReadonlySet<string> | undefined;

  constructor(kind: ScopeKind, node: AnyNode, parent?: Scope) {
    this.kind = kind;
    this.node = node;
    this.parent = parent;
    this.strict = parent?.strict === true || makesStrict(kind, node);
  }

  declares(name: string): boolean {
    this.#names ??= new Set(declaredNames(this));
    return this.#names.has(name);
  }

  /** True if `this`, `super` and `new.target` refer to this scope. */
  get ownsThis(): boolean {
    return OWN_THIS.has(this.kind);
  }

  /** True if `arguments` refers to this scope, unless a variable has that name. */
  get ownsArguments(): boolean {
    return OWN_ARGUMENTS.has(this.kind);
  }

  /** True for a scope that `await` and `yield` suspend. */
  get isCallable(): boolean {
    return CALLABLE.has(this.kind);
  }
}

function makesStrict(kind: ScopeKind, node: AnyNode): boolean {
  if (kind === 'class') return true;
  if (node.type === 'Program') return node.sourceType === 'module' || saysUseStrict(node.body);
  return (
    (kind === 'function' || kind === 'arrow') &&
    isFunction(node) &&
    node.body.type === 'BlockStatement' &&
    saysUseStrict(node.body.body)
  );
}

function declaredNames({ kind, node, strict }: Scope): Iterable<string> {
  switch (node.type) {
    case 'Program': {
      const names = [...lexicalNames(node.body), ...hoistedNames(node.body, strict)];
      return kind === 'commonjs' ? [...COMMONJS_PARAMETERS, ...names] : names;
    }
    case 'StaticBlock':
      return [...lexicalNames(node.body), ...hoistedNames(node.body, strict)];
    case 'BlockStatement':
      return lexicalNames(node.body);
    case 'SwitchStatement':
      return lexicalNames(node.cases.flatMap(({ consequent }) => consequent));
    case 'ForStatement':
      return loopNames(node.init);
    case 'ForInStatement':
    case 'ForOfStatement':
      return loopNames(node.left);
    case 'CatchClause':
      return catchNames(node);
  }
  if (isClass(node)) return kind === 'class' ? classNames(node) : [];
  if (!isFunction(node)) return [];
  if (kind === 'own name') return node.id ? [node.id.name] : [];
  if (kind !== 'body') return node.params.flatMap(patternNames);
  if (node.body.type !== 'BlockStatement') return [];
  return [...lexicalNames(node.body.body), ...hoistedNames(node.body.body, strict)];
}
