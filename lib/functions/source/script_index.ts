/** Reads from the source text of a script everything that is needed to send one of its functions. */

import type { AnyNode } from 'acorn';
import { hasPrivateMembers, hoistedNames, lexicalNames } from './declarations.js';
import { exportedNames } from './exported_names.js';
import { definedFunctions, FunctionTable } from './function_table.js';
import type { DefinedFunction } from './function_table.js';
import { usesOf } from './function_uses.js';
import type { FunctionUses } from './function_uses.js';
import { moduleVariables, type ModuleVariables } from './module_variables.js';
import { parseScript } from './parsed_script.js';
import type { ParsedScript, ScriptFormat } from './parsed_script.js';
import { parseFunctionText } from './parsed_text.js';
import { isClass } from './syntax.js';
import { TextPositions } from './text_positions.js';
import type { Position } from './text_positions.js';
import { topLevelPaths, type Path } from './top_level_paths.js';

export type { ScriptFormat } from './parsed_script.js';
export type { Path } from './top_level_paths.js';
export { DEFAULT_EXPORT } from './top_level_paths.js';

/**
 * The form of a function's text, which decides how it is made an expression: an 'expression' stays as it is, a 'method'
 * is in `({text})`, a 'getter' or 'setter' is `get` or `set` of the property's descriptor in `({text})`, and a 'private
 * method' is in `class {text}`.
 */
export type FunctionShape = 'expression' | 'method' | 'getter' | 'setter' | 'private method';

/** A function of a script, as its text describes it. */
export interface ScriptFunction extends FunctionUses {
  readonly shape: FunctionShape;
  /** True if its text must be evaluated in strict mode to have the same meaning. */
  readonly strict: boolean;
  /** The name that its text binds for itself: that of a named function or class, declared or not. */
  readonly ownName: string | undefined;
  /** The path from the top level of its module; undefined for nested and anonymous functions. */
  readonly path: Path | undefined;
  /** The name under which an ES module exports the first name in `path`. */
  readonly exportedAs: string | undefined;
  /** True for a class with a `#name` of its own. */
  readonly hasPrivateMembers: boolean;
  /**
   * True if all these facts are known. If not, only its own text was parsed: it has no path, all its free names are
   * taken for the module's, and `this` in an arrow function for that of the code around it.
   */
  readonly surroundingsKnown: boolean;
  /** The `moduleNames` whose present values are sent with its text: see {@link ModuleVariables}. */
  readonly carried: readonly string[];
  /**
   * Names of the module's top level that may have changed in the program, and that it, or functions which it calls,
   * read. Names that one of these functions sets are left out.
   */
  changing(what: 'all' | 'of what it calls'): readonly string[];
  /** The position at which its text begins. */
  readonly line: number;
  readonly column: number;
}

/** Parses a script when the first function is looked up, and examines each function on demand. */
export class ScriptIndex {
  readonly #source: string;
  readonly #format: ScriptFormat;
  readonly #positions: TextPositions;
  readonly #found = new Map<DefinedFunction | string, Found>();
  #script: IndexedScript | undefined;
  #problem: string | undefined;

  /**
   * @param source - V8's text of the script
   * @param start - the position that V8 gives its first character
   */
  constructor(source: string, format: ScriptFormat, start: Position = { line: 0, column: 0 }) {
    this.#source = source;
    this.#format = format;
    this.#positions = new TextPositions(source, start);
  }

  /**
   * The function at the position that V8's inspector gives as its `[[FunctionLocation]]`.
   *
   * @param text - the result of `Function.prototype.toString` for it
   * @returns undefined if not even its text alone can be parsed
   */
  find(line: number, column: number, text: string): ScriptFunction | undefined {
    const offset = this.#positions.offsetOf({ line, column });
    const script = this.#parsed();
    const found = offset === undefined ? undefined : script?.table.at(offset, text);
    if (!script || !found) return this.#findByText({ line, column }, offset, text);
    return this.#once(found.fn, () => {
      const position = this.#positions.positionOf(found.textStart);
      return new FoundFunction(found.fn, script, position);
    });
  }

  /** The reason why the script cannot be parsed; undefined if it can. */
  get problem(): string | undefined {
    this.#parsed();
    return this.#problem;
  }

  #parsed(): IndexedScript | undefined {
    if (this.#script === undefined && this.#problem === undefined) {
      try {
        this.#script = indexed(this.#source, parseScript(this.#source, this.#format));
      } catch (error) {
        // Newer syntax than acorn knows, or expressions nested too deeply for its recursion.
        this.#problem = String(error);
      }
    }
    return this.#script;
  }

  #findByText(given: Position, offset: number | undefined, text: string): Found {
    const textStart = offset === undefined ? -1 : this.#source.lastIndexOf(text, offset);
    const isAround = textStart !== -1 && textStart + text.length > offset!;
    const position = isAround ? this.#positions.positionOf(textStart) : given;
    return this.#once(`${position.line}:${position.column}:${text}`, () => {
      const fragment = parseFunctionText(text, this.#format);
      const fn = fragment && definedFunctions(fragment).find(({ node }) => node === fragment.fn);
      return fn && new FoundFunction(fn, fragment, position);
    });
  }

  #once(key: DefinedFunction | string, make: () => Found): Found {
    if (!this.#found.has(key)) this.#found.set(key, make());
    return this.#found.get(key);
  }
}

type Found = ScriptFunction | undefined;

/** A script, with facts about it as a whole. */
interface IndexedScript extends ParsedScript {
  readonly table: FunctionTable;
  readonly variables: ModuleVariables;
  /** The functions and classes to which names of its top level refer. */
  readonly named: ReadonlyMap<string, DefinedFunction>;
  readonly paths: ReadonlyMap<AnyNode, Path>;
  readonly exported: ReadonlyMap<string, string>;
}

function indexed(source: string, script: ParsedScript): IndexedScript {
  const { statements, parameters } = script;
  const declared = new Set([
    ...parameters,
    ...lexicalNames(statements),
    ...hoistedNames(statements, false),
  ]);
  const table = new FunctionTable(source, script);
  const paths = topLevelPaths(statements, (name) => declared.has(name));
  let variables: ModuleVariables | undefined;
  let named: ReadonlyMap<string, DefinedFunction> | undefined;
  return {
    ...script,
    table,
    paths,
    exported: exportedNames(statements),
    get variables() {
      return (variables ??= moduleVariables(script));
    },
    get named() {
      return (named ??= namedFunctions(table, paths));
    },
  };
}

function namedFunctions(
  { functions }: FunctionTable,
  paths: ReadonlyMap<AnyNode, Path>,
): Map<string, DefinedFunction> {
  const named = new Map<string, DefinedFunction>();
  for (const fn of functions) {
    const [name, ...members] = paths.get(fn.node) ?? [];
    if (typeof name === 'string' && members.length === 0) named.set(name, fn);
  }
  return named;
}

class FoundFunction implements ScriptFunction {
  readonly line: number;
  readonly column: number;
  readonly #fn: DefinedFunction;
  readonly #script: ParsedScript & Partial<IndexedScript>;
  #foundUses: FunctionUses | undefined;

  constructor(fn: DefinedFunction, script: ParsedScript, { line, column }: Position) {
    this.#fn = fn;
    this.#script = script;
    this.line = line;
    this.column = column;
  }

  get shape(): FunctionShape {
    const { method } = this.#fn;
    if (method === undefined) return 'expression';
    if (method.kind === 'get') return 'getter';
    if (method.kind === 'set') return 'setter';
    return method.key.type === 'PrivateIdentifier' ? 'private method' : 'method';
  }

  get strict(): boolean {
    return this.#fn.scope.strict;
  }

  get ownName(): string | undefined {
    return this.#fn.node.id?.name;
  }

  get path(): Path | undefined {
    return this.#script.paths?.get(this.#fn.node);
  }

  get exportedAs(): string | undefined {
    const root = this.path?.[0];
    return root === undefined ? undefined : this.#script.exported?.get(String(root));
  }

  get locals(): readonly string[] {
    return this.#uses.locals;
  }

  get moduleNames(): readonly string[] {
    return this.#uses.moduleNames;
  }

  get globals(): readonly string[] {
    return this.#uses.globals;
  }

  get usesImportMeta(): boolean {
    return this.#uses.usesImportMeta;
  }

  get usesDynamicImport(): boolean {
    return this.#uses.usesDynamicImport;
  }

  get usesDirectEval(): boolean {
    return this.#uses.usesDirectEval;
  }

  get bondToSurroundings(): string | undefined {
    return this.#uses.bondToSurroundings;
  }

  get membersUsed(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#uses.membersUsed;
  }

  get assigned(): ReadonlySet<string> {
    return this.#uses.assigned;
  }

  get carried(): readonly string[] {
    const names = this.moduleNames;
    if (names.length === 0) return names;
    const carried = this.#script.variables?.carried;
    return names.filter((name) => carried?.has(name));
  }

  changing(what: 'all' | 'of what it calls'): readonly string[] {
    const { variables, named } = this.#script;
    if (this.moduleNames.length === 0 || !variables?.changing.size) return [];
    const read = new Set<string>();
    const assigned = new Set<string>();
    const reached = new Set([this.#fn]);
    for (const fn of reached) {
      const isSelf = fn === this.#fn;
      const uses = isSelf ? this.#uses : usesOf(fn, this.#script.topLevel);
      for (const name of uses.moduleNames) {
        const called = named?.get(name);
        if (called !== undefined) reached.add(called);
        if (variables.changing.has(name) && !(isSelf && what !== 'all')) read.add(name);
      }
      for (const name of uses.assigned) assigned.add(name);
    }
    return [...read].filter((name) => !assigned.has(name));
  }

  get hasPrivateMembers(): boolean {
    const { node } = this.#fn;
    return isClass(node) && hasPrivateMembers(node);
  }

  get surroundingsKnown(): boolean {
    return this.#script.kind !== 'fragment';
  }

  get #uses(): FunctionUses {
    this.#foundUses ??= usesOf(this.#fn, this.#script.topLevel);
    return this.#foundUses;
  }
}
