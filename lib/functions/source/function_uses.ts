/** Finds the names around a function that its text uses. */

import type { AnyNode, CallExpression, MetaProperty } from 'acorn';
import type { DefinedFunction } from './function_table.js';
import { walk } from './scoped_walk.js';
import type { Scope } from './scopes.js';
import { staticKey } from './syntax.js';

/** The names and other things around a function that it uses. */
export interface FunctionUses {
  /** Free names that are declared around the function, below the top level. */
  readonly locals: readonly string[];
  /**
   * Free names of the module's top level, including `module` and `exports` of CommonJS and the parameters of a test
   * runner's wrapper. A declared function that calls itself has its own name here or in `locals`.
   */
  readonly moduleNames: readonly string[];
  /** Free names that the script does not declare. */
  readonly globals: readonly string[];
  readonly usesImportMeta: boolean;
  readonly usesDynamicImport: boolean;
  /** True if it contains `eval(…)`, which can use any name that is visible there. */
  readonly usesDirectEval: boolean;
  /**
   * The construct that prevents its text from being evaluated elsewhere: `super`, `#name`, `this`, `arguments`,
   * `new.target`, `await` or `yield` of what is around it; undefined if there is none. In an ES module `this` is
   * undefined everywhere, and so prevents nothing.
   */
  readonly bondToSurroundings: string | undefined;
  /** Module names that it assigns to. */
  readonly assigned: ReadonlySet<string>;
  /** Module names of which it only reads or calls members, with those members. */
  readonly membersUsed: ReadonlyMap<string, ReadonlySet<string>>;
}

type Place = 'inside' | 'local' | 'module' | 'global';

/** @param topLevel - the nodes whose scopes are the module's top level */
export function usesOf(fn: DefinedFunction, topLevel: ReadonlySet<AnyNode>): FunctionUses {
  return new UsesCollector(fn, topLevel);
}

class UsesCollector implements FunctionUses {
  usesImportMeta = false;
  usesDynamicImport = false;
  usesDirectEval = false;
  bondToSurroundings: string | undefined;
  readonly assigned = new Set<string>();
  readonly #fn: DefinedFunction;
  readonly #topLevel: ReadonlySet<AnyNode>;
  readonly #free: Record<Exclude<Place, 'inside'>, Set<string>> = {
    local: new Set(),
    module: new Set(),
    global: new Set(),
  };
  readonly #wholeValues = new Set<string>();
  readonly #members = new Map<string, Set<string>>();
  /** Nodes that are targets of an assignment, an update or `delete`. */
  readonly #targets = new Set<AnyNode>();
  /** Objects of which only a member is read, with its name. */
  readonly #memberOf = new Map<AnyNode, string>();

  constructor(fn: DefinedFunction, topLevel: ReadonlySet<AnyNode>) {
    this.#fn = fn;
    this.#topLevel = topLevel;
    const enter = this.#enter.bind(this);
    if (fn.method?.computed) walk(fn.method.key, fn.scope, enter, fn.method);
    if (fn.method?.key.type === 'PrivateIdentifier') {
      this.#bond(`#${fn.method.key.name}`);
    }
    walk(fn.node, fn.scope, enter, fn.method);
  }

  get locals(): readonly string[] {
    return [...this.#free.local];
  }

  get moduleNames(): readonly string[] {
    return [...this.#free.module];
  }

  get globals(): readonly string[] {
    return [...this.#free.global];
  }

  get membersUsed(): ReadonlyMap<string, ReadonlySet<string>> {
    if (this.usesDirectEval) return new Map();
    return new Map([...this.#members].filter(([name]) => !this.#wholeValues.has(name)));
  }

  #enter(node: AnyNode, scope: Scope): void {
    for (const target of targetsIn(node)) this.#targets.add(target);
    switch (node.type) {
      case 'Identifier':
        this.#name(node, node.name, scope);
        return;
      case 'MemberExpression': {
        const key = staticKey(node.property, node.computed);
        if (key !== undefined && !this.#targets.has(node)) this.#memberOf.set(node.object, key);
        return;
      }
      case 'ThisExpression':
        this.#word('this', scope);
        return;
      case 'Super':
        this.#word('super', scope);
        return;
      case 'MetaProperty':
        this.#metaProperty(node, scope);
        return;
      case 'PrivateIdentifier':
        if (this.#placeOf(`#${node.name}`, scope) !== 'inside') this.#bond(`#${node.name}`);
        return;
      case 'ImportExpression':
        this.usesDynamicImport = true;
        return;
      case 'CallExpression':
        this.#call(node, scope);
        return;
      case 'AwaitExpression':
        this.#suspension('await', scope);
        return;
      case 'YieldExpression':
        this.#suspension('yield', scope);
    }
  }

  #name(node: AnyNode, name: string, scope: Scope): void {
    if (name === 'arguments') {
      const owner = ownerOfArguments(scope);
      if (owner?.declares(name) === false) {
        if (!this.#isInside(owner)) this.#bond(name);
        return;
      }
    }
    const place = this.#placeOf(name, scope);
    if (place === 'inside') return;
    this.#free[place].add(name);
    if (place !== 'module') return;
    if (this.#targets.has(node)) this.assigned.add(name);
    const member = this.#memberOf.get(node);
    if (member === undefined) {
      this.#wholeValues.add(name);
    } else {
      const members = this.#members.get(name) ?? new Set();
      this.#members.set(name, members.add(member));
    }
  }

  #placeOf(name: string, from: Scope): Place {
    let isInside = true;
    for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
      isInside &&= scope !== this.#fn.scope;
      if (isInside ? scope.declares(name) : declaresForOthers(scope, name)) {
        if (isInside) return 'inside';
        return this.#topLevel.has(scope.node) ? 'module' : 'local';
      }
      if (scope.kind === 'fragment') return 'module';
    }
    return 'global';
  }

  #word(word: 'this' | 'super' | 'new.target', scope: Scope): void {
    const owner = nearest(scope, ({ ownsThis }) => ownsThis);
    if (owner === undefined) return;
    // The object or class for which a method was written decides what `super` means, not the method itself.
    const belongsToMethod = word === 'super' && owner.node === this.#fn.node;
    if (belongsToMethod || !this.#isInside(owner)) this.#bond(word);
  }

  #metaProperty({ meta }: MetaProperty, scope: Scope): void {
    if (meta.name === 'import') this.usesImportMeta = true;
    else this.#word('new.target', scope);
  }

  #call({ callee, optional }: CallExpression, scope: Scope): void {
    if (callee.type !== 'Identifier' || callee.name !== 'eval' || optional) return;
    this.usesDirectEval ||= this.#placeOf('eval', scope) !== 'inside';
  }

  #suspension(word: 'await' | 'yield', scope: Scope): void {
    const owner = nearest(scope, ({ isCallable }) => isCallable);
    if (owner && !this.#isInside(owner)) this.#bond(word);
  }

  #isInside(scope: Scope): boolean {
    return nearest(this.#fn.scope, (around) => around === scope) === undefined;
  }

  #bond(word: string): void {
    this.bondToSurroundings ??= word;
  }
}

/**
 * True if `scope` declares `name`, other than as the name of a class declaration, which means the same inside the class
 * as around it.
 */
function declaresForOthers(scope: Scope, name: string): boolean {
  return scope.node.type !== 'ClassDeclaration' && scope.declares(name);
}

function nearest(from: Scope, fits: (scope: Scope) => boolean): Scope | undefined {
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    if (fits(scope)) return scope;
  }
  return undefined;
}

/**
 * The scope in which `arguments` is found: one that declares a variable of this name, or that has `arguments` itself.
 */
function ownerOfArguments(from: Scope): Scope | undefined {
  return nearest(from, (scope) => scope.declares('arguments') || scope.ownsArguments);
}

/** The nodes that a node assigns to, changes or deletes. */
function targetsIn(node: AnyNode): readonly AnyNode[] {
  switch (node.type) {
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return [node.left];
    case 'UpdateExpression':
    case 'RestElement':
      return [node.argument];
    case 'UnaryExpression': {
      if (node.operator !== 'delete') return [];
      const { argument } = node;
      return [argument.type === 'ChainExpression' ? argument.expression : argument];
    }
    case 'ArrayPattern':
      return node.elements.filter((element) => element !== null);
    case 'ObjectPattern':
      return node.properties.map((property) =>
        property.type === 'RestElement' ? property : property.value,
      );
    default:
      return [];
  }
}
