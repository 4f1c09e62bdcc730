/** Describes a function so that another process can find or make it: by its place in a module, or by its text. */

import type { Debugger } from 'node:inspector';

import { DataCloneError } from '../errors.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import { builtInPath, type BuiltInPath } from './built_ins.js';
import type {
  BuiltInDefinition,
  Comparable,
  ExpectedValue,
  ModuleDefinition,
  SourceText,
  TextDefinition,
} from './function_definition.js';
import { originOfText, type TextOrigin } from './function_from_text.js';
import { fingerprint } from './fingerprint.js';
import { isImportable, urlOfScript } from './importable.js';
import { scriptWithId, type InspectedFunction, type Script } from './inspector.js';
import { withoutScopeAccess } from './scope_access_text.js';
import { nameOfFunction } from './function_definition.js';
import { replaceImportMeta } from './source/parser.js';
import { isRequired } from './load_module.js';
import { scriptOfNewFunction } from './new_function.js';
import { ScriptIndex, type ScriptFunction } from './source/script_index.js';
import { unchangedModule } from './unchanged_module.js';
import { WeakValues } from '../weak_values.js';

/** A definition without its id. All functions that one place in a script makes share it. */
export interface Description {
  readonly definition:
    Omit<BuiltInDefinition, 'id'> | Omit<ModuleDefinition, 'id'> | Omit<TextDefinition, 'id'>;
  /** The variables around the function whose values are sent with it. */
  readonly captured: readonly string[];
  /** The members of captured modules that are used; only these are sent. */
  readonly membersUsed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly hasPrivateMembers: boolean;
  /**
   * For a function of a script that no other process can import, such as code made by `eval`: what is known about the script. Both are
   * kept only as long as functions that have the description.
   */
  readonly script?: object | undefined;
}

/** An indexed script, with the parts that the definitions of all its functions have in common. */
interface IndexedScript {
  readonly url: string;
  readonly index: ScriptIndex;
  /** True if the text is known to be the one that V8 compiled. */
  readonly isSure: boolean;
  readonly importable: boolean;
  readonly isModule: boolean;
  readonly hash: string;
  /** The script in which the text was written, if this one was made from that of a function of another script. */
  readonly origin: TextOrigin | undefined;
}

const noMembers = new Map<string, ReadonlySet<string>>();
const modules = new Map<string, IndexedScript>();
const otherScripts = new WeakValues<string, IndexedScript>();
const descriptions = new Map<string, Description>();
const otherDescriptions = new WeakValues<string, Description>();

/** True for a function that V8 or Node.js defines. */
export function isNative(fn: AnyFunction, inspected: InspectedFunction): boolean {
  const { location, bound } = inspected;
  if (location === undefined) return bound === undefined;
  return scriptOf(inspected, location, textOf(fn)).url.startsWith('node:');
}

/**
 * Describes `fn` from what `inspected` knows about it. Functions made at one place of a script share one description.
 *
 * @throws {DataCloneError} for a function that can be neither found nor made elsewhere
 */
export function describe(
  fn: AnyFunction,
  inspected: InspectedFunction,
  scopesByValue: boolean,
): Description {
  const { location } = inspected;
  if (location === undefined) return describeBuiltIn(fn);
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  const text = textOf(fn);
  const key = `${scriptId}:${lineNumber}:${columnNumber}:${text.length}:${fn.name}`;
  let description = descriptions.get(key) ?? otherDescriptions.get(key);
  if (description === undefined) {
    const script = scriptOf(inspected, location, text);
    description = script.url.startsWith('node:')
      ? describeBuiltIn(fn, script.url)
      : describeSource(fn, text, script, { lineNumber, columnNumber, scopesByValue, inspected });
    (description.script === undefined ? descriptions : otherDescriptions).set(key, description);
  }
  return description;
}

function describeBuiltIn(fn: AnyFunction, module?: string): Description {
  const path = builtInPath(fn, module);
  if (path === undefined) {
    throw new DataCloneError(
      `${nameOfFunction(fn.name)} is a function of Node.js itself that has no public name`,
    );
  }
  return describePath(path);
}

/** The description of a function or object of Node.js. */
export function describePath(path: BuiltInPath): Description {
  const definition = { kind: 'builtIn', path } as const;
  return { definition, captured: [], membersUsed: noMembers, hasPrivateMembers: false };
}

/** The description of the export `name` of a module, of which nothing else is known: it is always found there. */
export function describeByName({ name, ...place }: Named): Description {
  const unknown = {
    shape: 'expression',
    line: 0,
    column: 0,
    sourceHash: '',
    strict: true,
    commonJs: false,
    imports: false,
    moduleNames: [],
    expected: [],
  } as const;
  const definition = {
    ...unknown,
    ...place,
    kind: 'module',
    path: [name],
    standsAlone: false,
    name,
    file: place.module,
    hasPrivateMembers: false,
    required: isRequired(place.module),
  } as const;
  return { definition, captured: [], membersUsed: noMembers, hasPrivateMembers: false };
}

type Named = Pick<ModuleDefinition, 'module' | 'name' | 'exportedAs' | 'seenIn' | 'arity' | 'text'>;

function describeSource(
  fn: AnyFunction,
  text: string,
  script: IndexedScript,
  { lineNumber, columnNumber, scopesByValue, inspected }: Asked,
): Description {
  const found = script.index.find(lineNumber, columnNumber, text);
  if (found === undefined) {
    throw new DataCloneError(
      `${nameOfFunction(fn.name)} cannot be parsed in ${script.url}: ${script.index.problem ?? 'its text is incomplete'}`,
    );
  }
  const { hasPrivateMembers, membersUsed } = found;
  const byValue = !script.importable || (scopesByValue && found.path === undefined);
  const path = script.importable ? found.path : undefined;
  const uses = usesOf(found, script, {
    byText: path === undefined,
    inspected: byValue ? inspected : undefined,
  });
  const source = sourceText(fn, text, script, found, uses.module);
  const isClass = /^class\b/.test(text);
  if (path !== undefined) {
    const { exportedAs } = found;
    // A class is compared by identity, and properties that were added to a function are not in its text.
    const standsAlone =
      !uses.scope && source.text !== undefined && !isClass && additionTo(fn) === undefined;
    const arity = fn.length;
    return {
      definition: {
        kind: 'module',
        module: script.url,
        path,
        exportedAs,
        arity,
        standsAlone,
        expected: standsAlone ? [] : expectedValues(found.changing('all'), inspected),
        ...source,
      },
      captured: [],
      membersUsed: noMembers,
      hasPrivateMembers,
    };
  }
  if (source.text === undefined) throw bound(fn, found);
  if (!isClass) refuseAdditions(fn);
  const { captured } = uses;
  const module = uses.scope ? script.url : undefined;
  const expected =
    module === undefined ? [] : expectedValues(found.changing('of what it calls'), inspected);
  return {
    definition: { kind: 'text', module, captured, isClass, expected, ...source },
    captured,
    membersUsed,
    hasPrivateMembers,
    script: script.importable ? undefined : script,
  };
}

interface Asked {
  readonly lineNumber: number;
  readonly columnNumber: number;
  /** True if functions that are made from their text capture what they use of their module. */
  readonly scopesByValue: boolean;
  readonly inspected: InspectedFunction;
}

interface Uses {
  /** The names of the top level of its module that it uses. */
  readonly module: readonly string[];
  readonly captured: readonly string[];
  /** True if it uses anything of its module that is not captured. */
  readonly scope: boolean;
}

interface Travelling {
  /**
   * True if the function is made from its text, so that variables of its module that are not constant are captured,
   * too.
   */
  readonly byText: boolean;
  /** The inspector's view of the function, if everything that it uses of its module is to be captured. */
  readonly inspected: InspectedFunction | undefined;
}

function usesOf(
  found: ScriptFunction,
  { origin }: IndexedScript,
  { byText, inspected }: Travelling,
): Uses {
  // Its text binds its own name.
  const others = (names: readonly string[]) => names.filter((name) => name !== found.ownName);
  const carried = byText ? others(found.carried) : [];
  const locals = [...others(found.locals), ...carried];
  const module =
    origin === undefined
      ? others(found.moduleNames).filter((name) => !carried.includes(name))
      : found.globals.filter((name) => origin.moduleNames.includes(name));
  if (inspected === undefined) {
    const scope = module.length > 0 || found.usesImportMeta || found.usesDirectEval;
    return { module, captured: locals, scope };
  }
  // Code made by eval sees more than its script declares.
  const unknown = found.globals.filter((name) => !(name in globalThis));
  const visible = unknown.length === 0 ? [] : inspected.variables(unknown).keys();
  const all = [...locals, ...module, ...visible].filter((name) => !isOfCommonJs(name));
  return { module: [], captured: [...new Set(all)], scope: false };
}

/** The present values of variables, as far as they are comparable. */
function expectedValues(
  names: readonly string[],
  inspected: InspectedFunction,
): readonly ExpectedValue[] {
  if (names.length === 0) return [];
  const values = [...inspected.variables(names)].filter(([, value]) => value !== undefined);
  return values.map(([name, value]) => (isComparable(value) ? { name, value } : { name }));
}

function isComparable(value: unknown): value is Comparable {
  return (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= 100)
  );
}

function isOfCommonJs(name: string): boolean {
  return ['require', '__filename', '__dirname', 'arguments'].includes(name);
}

function sourceText(
  fn: AnyFunction,
  text: string,
  script: IndexedScript,
  found: ScriptFunction,
  moduleNames: readonly string[],
): SourceText {
  const { origin } = script;
  const canBeMade =
    found.bondToSurroundings === undefined &&
    found.shape !== 'private method' &&
    (script.importable || !found.usesImportMeta);
  return {
    name: typeof fn.name === 'string' ? fn.name : '',
    text: canBeMade ? withMetaOfScope(text, found) : undefined,
    shape: found.shape === 'expression' ? 'expression' : 'member',
    file: script.url,
    line: found.line,
    column: found.column,
    sourceHash: origin?.sourceHash ?? script.hash,
    strict: found.strict,
    hasPrivateMembers: found.hasPrivateMembers,
    commonJs: origin?.commonJs ?? !script.isModule,
    required: !script.isModule && isRequired(script.url),
    imports: found.usesDynamicImport,
    moduleNames,
  };
}

function refuseAdditions(fn: AnyFunction): void {
  const added = additionTo(fn);
  if (added !== undefined) {
    throw new DataCloneError(
      `${nameOfFunction(fn.name)} has the property ${String(added)}, which is not in its text: define the function at the top level of a module`,
    );
  }
}

const ownOfFunctions = new Set<PropertyKey>(['length', 'name', 'prototype', 'arguments', 'caller']);

/** A property that was added to a function, or to the prototype of its instances. */
function additionTo(fn: AnyFunction): PropertyKey | undefined {
  const added = Reflect.ownKeys(fn).find((key) => !ownOfFunctions.has(key));
  if (added !== undefined) return added;
  const { prototype } = fn as { prototype?: unknown };
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  return Reflect.ownKeys(prototype).find((key) => key !== 'constructor');
}

/** Replaces `import.meta`, which cannot be evaluated there, by a name of the same length that scope accesses define. */
function withMetaOfScope(text: string, { usesImportMeta }: ScriptFunction): string {
  return usesImportMeta ? replaceImportMeta(text, '$importMeta') : text;
}

function bound(fn: AnyFunction, { bondToSurroundings, shape }: ScriptFunction): DataCloneError {
  const what =
    bondToSurroundings ??
    (shape === 'private method' ? 'the class it is private to' : 'import.meta');
  const advice =
    what === 'this' || what === 'arguments' || what === 'new.target'
      ? `: put what it needs of '${what}' into a variable`
      : ': write it as a function of its own';
  return new DataCloneError(
    `${nameOfFunction(fn.name)} cannot be sent, because it uses ${what} of the code around it${advice}`,
  );
}

function textOf(fn: AnyFunction): string {
  return Function.prototype.toString.call(fn);
}

/** @param text - the text of the function, which occurs in the script */
function scriptOf(
  inspected: InspectedFunction,
  location: Debugger.Location,
  text: string,
): IndexedScript {
  const { scriptId: id, lineNumber, columnNumber = 0 } = location;
  let script = modules.get(id) ?? otherScripts.get(id);
  if (script === undefined) {
    const unchanged = unchangedModule(inspected);
    script = unchanged && indexScript(unchanged, false);
  }
  if (!script?.isSure && !script?.index.find(lineNumber, columnNumber, text)?.surroundingsKnown)
    script = indexScript(scriptOfNewFunction(text, location) ?? scriptWithId(id), true);
  (script.importable ? modules : otherScripts).set(id, script);
  return script;
}

function indexScript(
  { url: given, source, isModule, start }: Script,
  isSure: boolean,
): IndexedScript {
  const origin = originOfText(source);
  const url = origin?.file ?? urlOfScript(given);
  const importable = isImportable(url);
  const format = isModule
    ? 'module'
    : url.startsWith('file:') && origin === undefined
      ? 'commonjs'
      : 'script';
  return {
    url,
    index: new ScriptIndex(source, format, start),
    isSure,
    importable,
    isModule,
    // Test runners transform modules in ways of their own.
    hash: process.env.VITEST === undefined ? hashOf(source) : '',
    origin,
  };
}

/** A hash of a script's text, without its scope access and without what Node.js appends to transformed scripts. */
export function hashOf(source: string): string {
  const text = withoutScopeAccess(source).replace(/\s*(\/\/# source(Mapping)?URL=.*\s*)*$/, '');
  return fingerprint(text);
}
