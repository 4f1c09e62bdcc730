/** The form of a row in the table of kinds. All code for one kind is in one file of this folder. */

import type { Decoder } from '../decoder.js';
import type { Encoder } from '../encoder.js';
import type { EncodingMemo } from '../encoding_memo.js';
import type { JsonWriter } from '../exact_json.js';
import type { AnyFunction } from '../functions_in_out.js';
import type { Prototype } from '../prototypes.js';
import type { Visit } from '../refusing/steps.js';

/** Writes and reads the content of an object, which follows its head later. */
export interface Content<T extends object = object> {
  /** True: the content follows the head at once, down to a certain depth. */
  readonly inline?: boolean;
  /** Default: writes its properties. */
  writeContent?(out: Encoder, object: T): void;
  readContent?(input: Decoder, object: T): void;
}

/** A kind of objects: how they are recognized, written, read, and walked through. */
export interface Kind<T extends object = object> extends Content<T> {
  /** The code in the first word of its objects: see codes.ts. */
  readonly code: number;
  /** The names of the built-in classes whose prototypes mark objects of this kind. */
  readonly classes?: readonly string[];
  /**
   * True if `object` is of this kind by its internal slots, which are the same in all realms and cannot be faked.
   * Called for every object whose prototype does not show its kind.
   */
  hasSlots?(object: object): boolean;
  /** Called in place of `hasSlots` where the prototype shows this kind. */
  is?(object: object): boolean;

  /** The lowest bits of the argument above the code in the first word, such as the type of a view. */
  argument?(object: T, prototype: Prototype | null): number;
  /**
   * The class that is written before the rest of the head, if the object is an instance of one of the program's
   * classes.
   *
   * @throws {Refusal} if the class cannot be sent
   */
  classOf?(object: T, prototype: Prototype, memo: EncodingMemo): AnyFunction | undefined;
  /**
   * The class to use if the written one is missing, because the object matters more than its class. Default: the object
   * is refused.
   */
  classInstead?(argument: number): AnyFunction;
  /**
   * Writes what is needed to create the object. Primitive values only, since the contents of objects may come later.
   */
  writeHead?(out: Encoder, object: T): void;
  /** Creates the object that `writeHead` wrote, with the prototype of the kind. */
  readHead(input: Decoder, argument: number): T;

  /**
   * When content follows: always; always, without a bit in the first word that marks it; or if the object has
   * properties.
   */
  readonly content?: 'always' | 'unmarked' | 'if properties';
  /** The keys of the properties besides its content. Default: all own properties. */
  ownKeys?(object: T): readonly string[];
  /** True if the object has elements, which are properties, too. */
  readonly hasElements?: boolean;
  /** True if properties are sent only for instances of the program's classes. */
  readonly ofClassOnly?: boolean;

  /** Calls `visit` for everything that is sent with the object. Default: its properties. */
  visitChildren?(object: T, visit: Visit, memo: EncodingMemo): void;
  /** Writes the object where JSON is exact: see exact_json.ts. Default: the object is never written as JSON. */
  readonly json?: JsonForm<T>;
}

/** Writes the objects of a kind as JSON text. */
export interface JsonForm<T extends object> {
  /** The form applies only to objects with this prototype. */
  readonly prototype: object;
  /** The text of `object`; undefined if JSON would not keep it exactly, or if it is not of this kind. */
  write(out: JsonWriter, object: T): string | undefined;
}

const columns: Readonly<Record<keyof Kind, true>> = {
  code: true,
  classes: true,
  hasSlots: true,
  is: true,
  argument: true,
  classOf: true,
  classInstead: true,
  writeHead: true,
  readHead: true,
  content: true,
  ownKeys: true,
  hasElements: true,
  ofClassOnly: true,
  inline: true,
  writeContent: true,
  readContent: true,
  visitChildren: true,
  json: true,
};

/**
 * Makes a row of the table. All rows have all properties in the same order, so that V8 reads them by one hidden class;
 * otherwise encoding values of mixed kinds is 20 % slower.
 */
export function defineKind<T extends object>(kind: Kind<T>): Kind {
  const given = kind as unknown as Record<string, unknown>;
  const row: Record<string, unknown> = {};
  for (const column of Object.keys(columns)) row[column] = given[column];
  return row as unknown as Kind;
}
