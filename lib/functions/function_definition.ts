/**
 * The definition of a function, which one process sends to another once. The values of its captured variables are sent
 * with each value that refers to it.
 */

import type { BuiltInPath } from './built_ins.js';
import type { PackedValue } from '../values/value_codec.js';
import type { Path } from './source/script_index.js';

/**
 * The definition of a function in one of several forms, which differ in how the other process gets the function. Values
 * refer to it by its `id`.
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
  /** The URL of the module. */
  readonly module: string;
  /** The path from the top level: `['Matrix', 'prototype', 'add']`. */
  readonly path: Path;
  /** The name under which `path[0]` is exported. */
  readonly exportedAs: string | undefined;
  /** The URLs of other modules in which `path` leads to it, too. */
  readonly seenIn?: readonly string[];
  /** The number of its parameters; undefined if only its name is known. */
  readonly arity: number | undefined;
  /** True if it uses nothing of the module, so that its text is enough if the module has not been imported. */
  readonly standsAlone: boolean;
  /** The values in the program of those variables of its module that it reads. */
  readonly expected: readonly ExpectedValue[];
}

/** The value that a variable of a module has in the program. */
export interface ExpectedValue {
  readonly name: string;
  /** Missing for any value but undefined that is not comparable. */
  readonly value?: Comparable;
}

/** A value that can be compared by `===`. */
export type Comparable = string | number | boolean | null;

/** A function that is made from its text. */
export interface TextDefinition extends SourceText {
  readonly kind: 'text';
  readonly id: number;
  /** The URL of the module in whose scope it is evaluated; undefined if it uses nothing of that scope. */
  readonly module: string | undefined;
  /** The names of the captured variables, in the order of their values. */
  readonly captured: readonly string[];
  /** True for a class, which may use its captured variables while it is being defined. */
  readonly isClass: boolean;
  /** The values in the program of those variables of its module that the functions which it calls read. */
  readonly expected: readonly ExpectedValue[];
}

/** A function that was received from the process to which it is now sent. */
export interface ReturnedDefinition {
  readonly kind: 'returned';
  readonly id: number;
  readonly yours: OriginOfFunction;
}

/** A function with the encoded values that its captured variables had at one moment, for many calls that share them. */
export interface ClosureDefinition {
  readonly kind: 'closure';
  readonly id: number;
  /** The id of its function, which all closures made at one place of a script share. */
  readonly of: number;
  /** The encoded list that has the function as its only element. */
  readonly value: PackedValue;
}

/** The number by which the process that a function came from knows it: its id, or its number as a closure. */
export type OriginOfFunction = { readonly id: number } | { readonly closure: number };

/** The origin of a function that was received. */
export interface ReceivedOrigin {
  readonly origin: OriginOfFunction;
  /** True for a function of Node.js itself. */
  readonly isBuiltIn: boolean;
  readonly hasPrivateMembers: boolean;
}

/** The text of a function, its place in the script, and what it needs to have the same meaning elsewhere. */
export interface SourceText {
  readonly name: string;
  /** The result of Function.prototype.toString; undefined if the function cannot be made from it. */
  readonly text: string | undefined;
  readonly shape: TextShape;
  /** The URL of the script, and the zero-based position of the text in it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The hash of the whole script. */
  readonly sourceHash: string;
  readonly strict: boolean;
  /** True for a class whose instances have #private members. */
  readonly hasPrivateMembers: boolean;
  /** True if the script is CommonJS, which has `require`, `__filename` and `__dirname`. */
  readonly commonJs: boolean;
  /** True if the sender has loaded the script by `require`, with everything that hooks `require` there. */
  readonly required: boolean;
  /** True if it calls `import(…)`. */
  readonly imports: boolean;
  /** The names of the module's top level that it uses. */
  readonly moduleNames: readonly string[];
}

/** The way to write down the text of a function: as it is, or as the only member of an object. */
export type TextShape = 'expression' | 'member';

/** The beginning of messages about a function. */
export function nameOfFunction(name: string): string {
  return name === '' ? 'An anonymous function' : `The function ${name}`;
}
