/** The form of a row in the table of kinds: all that is particular to a kind stands on its page in this folder. */

import type { Decoder } from '../decoder.js';
import type { Encoder } from '../encoder.js';
import type { EncodingMemo } from '../encoding_memo.js';
import type { JsonWriter } from '../exact_json.js';
import type { AnyFunction } from '../functions_in_out.js';
import type { Prototype } from '../prototypes.js';
import type { Visit } from '../refusing/steps.js';

/** The writer and the reader of what follows the head of an object, when its turn comes. */
export interface Content<T extends object = object> {
  /** True: it stands right behind the head, down to a certain depth. */
  readonly inline?: boolean;
  /** Without this: its properties. */
  writeContent?(out: Encoder, object: T): void;
  readContent?(input: Decoder, object: T): void;
}

/** A kind of objects: how they are told from others, written, read, and walked through. */
export interface Kind<T extends object = object> extends Content<T> {
  /** In the first word of its objects: see codes.ts. */
  readonly code: number;
  /** Names of the built-in classes whose prototypes say of their objects that they are of this kind. */
  readonly classes?: readonly string[];
  /**
   * True if `object` is of this kind. Internal slots say it: they are the same in all realms and cannot be pretended. Asked
   * of every object whose prototype does not say what it is.
   */
  hasSlots?(object: object): boolean;
  /** Asked in place of `hasSlots` where the prototype says that it is of this kind. */
  is?(object: object): boolean;

  /** The lowest bits of what stands above the code in the first word, such as the type of a view. */
  argument?(object: T, prototype: Prototype | null): number;
  /**
   * The class that is written before the rest of the head, if it is of a class of the program's.
   *
   * @throws {Refusal} if it cannot be sent
   */
  classOf?(object: T, prototype: Prototype, memo: EncodingMemo): AnyFunction | undefined;
  /**
   * The class that serves where the one that was written is not there: the object is worth more than its class. Without this
   * the object is refused.
   */
  classInstead?(argument: number): AnyFunction;
  /** Writes what is needed to create the object: primitive values only, since the contents of objects may come later. */
  writeHead?(out: Encoder, object: T): void;
  /** Creates what `writeHead` wrote, with the prototype of the kind. */
  readHead(input: Decoder, argument: number): T;

  /** When content follows: always, always without the bit in the first word that says so, or where it has properties. */
  readonly content?: 'always' | 'unmarked' | 'if properties';
  /** Keys of the properties besides its content; without this all of its own. */
  ownKeys?(object: T): readonly string[];
  /** True: it has elements, which are properties, too. */
  readonly hasElements?: boolean;
  /** True: properties are sent only of instances of classes of the program's. */
  readonly ofClassOnly?: boolean;

  /** Calls `visit` for all that is sent with it. Without this for its properties. */
  visitChildren?(object: T, visit: Visit, memo: EncodingMemo): void;
  /** How it is written where JSON is exact: see exact_json.ts. Without this it is never JSON. */
  readonly json?: JsonForm<T>;
}

/** The writer of a kind's objects as JSON text. */
export interface JsonForm<T extends object> {
  /** Only of objects with this very prototype. */
  readonly prototype: object;
  /** The text of `object`; undefined where JSON would not keep it exactly, also where it is not of this kind. */
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
 * A row of the table. All rows have all properties in the same order, so that V8 finds them at once, whatever the kind: without
 * that encoding is 20 % slower where values of many kinds are mixed.
 */
export function defineKind<T extends object>(kind: Kind<T>): Kind {
  const given = kind as unknown as Record<string, unknown>;
  const row: Record<string, unknown> = {};
  for (const column of Object.keys(columns)) row[column] = given[column];
  return row as unknown as Kind;
}
