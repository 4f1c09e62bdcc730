/**
 * The definition of a function that one process gives another, once; its captured variables go with each value that names
 * it.
 */

import type { BuiltInPath } from './built_ins.js';
import type { PackedValue } from '../values/value_codec.js';
import type { Path } from './source/script_index.js';

/**
 * A function on its way to another process, by the way in which that one gets hold of it. Each has an `id`, which values
 * name it by.
 */
export type FunctionDefinition =
  BuiltInDefinition | ModuleDefinition | TextDefinition | ReturnedDefinition | ClosureDefinition;

/** A function or object of Node.js itself. */
export interface BuiltInDefinition {
  readonly kind: 'builtIn';
  readonly id: number;
  readonly path: BuiltInPath;
}

/** A function that is reached from the top level of a module. */
export interface ModuleDefinition extends SourceText {
  readonly kind: 'module';
  readonly id: number;
  /** URL of the module. */
  readonly module: string;
  /** From the top level: `['Matrix', 'prototype', 'add']`. */
  readonly path: Path;
  /** Name under which `path[0]` is exported. */
  readonly exportedAs: string | undefined;
  /** URLs of other modules in which `path` leads to it, too. */
  readonly seenIn?: readonly string[];
  /** Number of its parameters; undefined where nothing but its name is known. */
  readonly arity: number | undefined;
  /** It uses nothing of the module: its text will do where the module has not been imported. */
  readonly standsAlone: boolean;
  /** The values in the program of those variables of its module that it reads there. */
  readonly expected: readonly ExpectedValue[];
}

/** A variable of a module as it is in the program. */
export interface ExpectedValue {
  readonly name: string;
  /** Left out: anything but undefined. */
  readonly value?: Comparable;
}

/** A value that can be told from another one without looking into it. */
export type Comparable = string | number | boolean | null;

/** A function that is made from its text. */
export interface TextDefinition extends SourceText {
  readonly kind: 'text';
  readonly id: number;
  /** URL of the module in whose scope it is evaluated; undefined if it uses nothing of it. */
  readonly module: string | undefined;
  /** Captured variables, in the order of their values. */
  readonly captured: readonly string[];
  /** It is a class, which may use them while it is being defined. */
  readonly isClass: boolean;
  /** The values in the program of those variables of its module that what it calls reads there. */
  readonly expected: readonly ExpectedValue[];
}

/** A function that came from the process this goes to. */
export interface ReturnedDefinition {
  readonly kind: 'returned';
  readonly id: number;
  readonly yours: OriginOfFunction;
}

/** A function with the variables it captured at one moment, encoded: for many calls that share them. */
export interface ClosureDefinition {
  readonly kind: 'closure';
  readonly id: number;
  /** Id of its function, which all closures of one place of a script have in common. */
  readonly of: number;
  /** A list of the function alone. */
  readonly value: PackedValue;
}

/** How the process that a function came from knows it: by its id, or by its number as a closure. */
export type OriginOfFunction = { readonly id: number } | { readonly closure: number };

/** A function that came from another process, as it is remembered. */
export interface ReceivedOrigin {
  readonly origin: OriginOfFunction;
  /** It is one of Node.js itself. */
  readonly isBuiltIn: boolean;
  readonly hasPrivateMembers: boolean;
}

/** The text of a function, the place where it stands, and what it needs to mean the same elsewhere. */
export interface SourceText {
  readonly name: string;
  /** As Function.prototype.toString gives it; undefined where the function cannot be made from it. */
  readonly text: string | undefined;
  readonly shape: TextShape;
  /** URL of the script, and zero-based position of the text in it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Hash of the whole script. */
  readonly sourceHash: string;
  readonly strict: boolean;
  /** It is a class with #private members. */
  readonly hasPrivateMembers: boolean;
  /** The script is CommonJS: `require`, `__filename`, `__dirname` are there. */
  readonly commonJs: boolean;
  /** The process that tells of it has loaded the script by `require`, with all that hooks `require` there. */
  readonly required: boolean;
  /** It calls `import(…)`. */
  readonly imports: boolean;
  /** Names of the module's top level that it uses. */
  readonly moduleNames: readonly string[];
}

/** How the text of a function has to be written down: as it is, or as the only member of an object. */
export type TextShape = 'expression' | 'member';

/** How messages begin that speak of a function. */
export function nameOfFunction(name: string): string {
  return name === '' ? 'An anonymous function' : `The function ${name}`;
}
