/**
 * The form of a row in the table of kinds, and what the rows use of the codec. All code for one kind is in one file of
 * this folder. The codec uses the table, and so the kinds import only these interfaces of it.
 */

import type { BufferReader } from '../buffers/buffers_in.js';
import type { BufferWriter } from '../buffers/buffers_out.js';
import type {
  AnyFunction,
  FunctionsIn,
  FunctionsOut,
  ReceivedFunction,
  SentFunction,
} from '../functions_in_out.js';
import type { NumberedObjects } from '../numbered_objects.js';
import type { Visit } from '../refusing/steps.js';
import type { Column } from '../wire/shapes.js';
import type { WordReader } from '../wire/word_reader.js';
import type { WordWriter } from '../wire/words.js';

/** Writes and reads the content of an object, which follows its head later. */
export interface Content<T extends object = object> {
  /** True: the content follows the head at once, down to a certain depth. */
  readonly inline?: boolean;
  /** Default: writes its properties. */
  writeContent?(out: ValueWriter, object: T): void;
  readContent?(input: ValueReader, object: T): void;
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
  classOf?(object: T, prototype: Prototype, memo: ValueMemo): AnyFunction | undefined;
  /**
   * The class to use if the written one is missing, because the object matters more than its class. Default: the object
   * is refused.
   */
  classInstead?(argument: number): AnyFunction;
  /**
   * Writes what is needed to create the object. Primitive values only, since the contents of objects may come later.
   */
  writeHead?(out: ValueWriter, object: T): void;
  /** Creates the object that `writeHead` wrote, with the prototype of the kind. */
  readHead(input: ValueReader, argument: number): T;

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
  visitChildren?(object: T, visit: Visit, memo: ValueMemo): void;
  /** Writes the object where JSON is exact: see exact_json.ts. Default: the object is never written as JSON. */
  readonly json?: JsonForm<T>;
}

/** Writes the objects of a kind as JSON text. */
export interface JsonForm<T extends object> {
  /** The form applies only to objects with this prototype. */
  readonly prototype: object;
  /** The text of `object`; undefined if JSON would not keep it exactly, or if it is not of this kind. */
  write(out: JsonValueWriter, object: T): string | undefined;
}

/** Remembers the functions and classes of the value that is written: encoding_memo.ts. */
export interface ValueMemo {
  readonly functions: FunctionsOut;
  readonly prototypes: { of(prototype: object): Prototype };
  readonly packing: PackingOrder | undefined;
  /** The object from which the properties of `object` are read: a copy, if its getters were already called. */
  asRead<T extends object>(object: T): T;
  /** @throws {Refusal} if `fn` cannot be sent */
  send(fn: AnyFunction): SentFunction;
  /** The form in which `fn` was sent, if it was. */
  sent(fn: AnyFunction): SentFunction | undefined;
  /** @throws {Refusal} if instances of the class of `object` cannot be made without its constructor */
  classOf(object: object, prototype: Prototype): AnyFunction;
  /** The program's class of an object of a built-in kind; undefined if it is an instance of a built-in class. */
  classOfBuiltIn(object: object, prototype: Prototype, kind: Kind): AnyFunction | undefined;
  /** True if the property `key` of `error` is not sent. */
  isLeftOut(error: object, key: string): boolean;
}

/**
 * The packed data and the well-known objects of a value, which must be known before it can be written: see
 * packing_order.ts.
 */
export interface PackingOrder {
  /** The objects that pack themselves, with their data; those inside others come first. */
  readonly packed: ReadonlyMap<object, unknown>;
  readonly wellKnown: ReadonlyMap<object, number>;
}

/** A prototype as the codec sees it. The last four entries are filled in while a value is encoded. */
export interface Prototype {
  readonly parent: Prototype | null;
  /** The class that has this prototype; undefined if none does. */
  readonly ofClass: AnyFunction | undefined;
  /** The name of that class. */
  readonly name: string;
  readonly builtIn: boolean;
  /** True for Object.prototype, of this realm or another one. */
  readonly plain: boolean;
  /** The kind of its objects; undefined if they cannot be sent. */
  readonly kind: Kind | undefined;
  /** True if its class packs its instances. */
  readonly packs: boolean;
  /** True once the class is known to have instances that can be sent. */
  checked: boolean;
  /** For errors: whether they can be sent as instances of their class; undefined until it was tried. */
  sendable: boolean | undefined;
  /** True once its class, or one that it extends, is known to have #private members. */
  hasPrivateMembers: boolean;
  /** For errors: the reason why they cannot be sent as instances of their class. */
  whyNot: string | undefined;
}

/** Writes a value: encoder.ts. */
export interface ValueWriter extends WordWriter {
  readonly memo: ValueMemo;
  readonly buffers: BufferWriter;
  readonly seen: NumberedObjects;
  /** Contents that are written later. */
  readonly queue: { add(object: object, content: Content): void };
  /** The ids of functions and well-known objects. */
  readonly functions: Set<number>;
  /** The index of the word where the properties of the current object begin. */
  readonly firstPropertyAt: number;
  /** Classes whose early values are being written. */
  readonly making: Set<unknown>;
  /** The object whose content is being written. */
  readonly inTurn: object | undefined;
  /** The depth of contents inside contents, and of bound functions. */
  inline: number;
  bound: number;
  value(value: unknown, column?: Column): void;
  text(text: string): void;
  /** Writes the properties `keys` of `object` and the symbol keys of `owner`; true if some of these are not sent. */
  properties(object: object, keys: readonly string[], owner?: object): boolean;
  /** Refuses an object without properties whose internal slots show that its prototype was replaced. */
  refuseSlots(object: object): void;
}

/** Reads a value: decoder.ts. */
export interface ValueReader extends WordReader {
  readonly functions: FunctionsIn;
  readonly buffers: BufferReader;
  /** The objects read so far, by number. */
  readonly objects: unknown[];
  /** Functions whose captured variables follow. */
  readonly received: Map<unknown, ReceivedFunction>;
  readonly assignments: Assignment[];
  /** Set while the class of an error is read. */
  errorClass: ErrorClass | undefined;
  /** Errors whose classes are missing. */
  readonly lostClasses: Map<object, LostClass>;
  /** The depth of heads inside heads. */
  depth: number;
  /** The depth of contents inside contents. */
  inline: number;
  value(): unknown;
  text(): string;
  longText(): string;
  number(): number;
  /** Reads a number that is a size. */
  size(): number;
  function(): AnyFunction;
  /** Reserves the number of an object that is about to be created. */
  reserve(): number;
  /** Reads the content of `object` now or later. */
  content(object: object, content: Content): void;
  /** Reads properties into an object that is plain, or has no prototype. */
  ownProperties(object: Record<string, unknown>): void;
  /** Reads properties into an object that may inherit some of the same name. */
  properties(object: object): void;
}

/** The captured variables of a function, which it gets when all objects exist. */
export interface Assignment {
  readonly received: ReceivedFunction;
  readonly captured: readonly unknown[];
}

/** A class that is not available on this side, and the error that was thrown for it. */
export interface LostClass {
  readonly name: string;
  readonly reason: unknown;
}

/** Records a class that is missing, while the class of an error is read. */
export interface ErrorClass {
  readonly instead: AnyFunction;
  lost: LostClass | undefined;
}

/** Writes a value as JSON where that is exact: exact_json.ts. */
export interface JsonValueWriter {
  /** The JSON text of `value`; undefined if it is not to be written as JSON. */
  write(value: unknown): string | undefined;
  /** True for an object that its prototype does not describe. Checked for objects without properties. */
  hasSlots(object: object): boolean;
  /** True if an array of this length certainly exceeds the limit of nodes. */
  isTooLong(length: number): boolean;
  /** Notes that `object` was met, and keeps what is read of it. */
  begin(object: object, keys: readonly string[] | undefined): JsonRead;
  /** The text of the first `length` elements of an array that has no holes. */
  elements(
    array: readonly unknown[],
    length: number,
    read: JsonRead | undefined,
  ): string | undefined;
}

/** Keeps what was read of an object. */
export interface JsonRead {
  add(value: unknown): void;
}
