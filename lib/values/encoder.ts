/**
 * Writes a value. When an object is first met, its head is written, which is what is needed to create it, and the
 * object gets the next number. Its content is written later, in the order of a queue. So no value is too deep, and
 * cycles need no special care. For speed, the contents of plain objects and arrays follow at once down to a certain
 * depth.
 */

import { types } from 'node:util';

import { assemble, type EncodedStructure } from './wire/assembly.js';
import { BufferWriter } from './buffers/buffers_out.js';
import {
  codes,
  codeWord,
  head,
  mostInline,
  tagReference,
  tagRepeatedText,
  tagText,
  variants,
} from './wire/codes.js';
import { ContentQueue } from './content_queue.js';
import { EncodingMemo } from './encoding_memo.js';
import { isEnvironment } from './environment.js';
import { noFunctions, type AnyFunction } from './functions_in_out.js';
import { writeHead } from './heads.js';
import { array, writeArray } from './kinds/array.js';
import { writeFunction } from './kinds/function.js';
import type { Content, Kind, ValueWriter } from './kinds/kind.js';
import { instance, isWithoutTag, plainObject, writePlainObject } from './kinds/object.js';
import { writeBigint, writeBoolean, writeUndefined } from './kinds/primitive.js';
import { isSentKey, writeSymbol } from './kinds/symbol.js';
import { kindBySlots } from './kinds/table.js';
import { NumberedObjects } from './numbered_objects.js';
import { keysOf } from './own_properties.js';
import { refuse, Refusal } from './refusing/refusals.js';
import { Column, ShapeWriter, type ShapeNode } from './wire/shapes.js';
import type { Snapshot } from './buffers/snapshot.js';
import { TextWriter } from './wire/text.js';
import { WordWriter } from './wire/words.js';

const objectWord = codeWord(codes.object);
const instanceWord = codeWord(codes.object, variants.ofClass);
const arrayWord = codeWord(codes.array);
const nullWord = codeWord(codes.null);

/** Longer strings are not compared with earlier ones, nor are the first few of a value. */
const longestRepeated = 64;
const firstRepeated = 16;
const longestTagged = (1 << 28) - 1;

/** The memo between values, since that of a value holds its objects. */
const noMemo = new EncodingMemo(noFunctions);

const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype as object;

/** Writes one value after another, and reuses its memory and its shapes. */
export class Encoder extends WordWriter implements ValueWriter {
  readonly texts = new TextWriter();
  readonly shapes = new ShapeWriter();
  readonly buffers = new BufferWriter(this);
  readonly seen = new NumberedObjects();
  readonly queue = new ContentQueue();
  /** The ids of functions and well-known objects. */
  functions = new Set<number>();
  memo = noMemo;
  /** The index of the word where the properties of the current object begin. */
  firstPropertyAt = -1;
  /** Classes whose early values are being written. */
  readonly making = new Set<unknown>();
  #texts = 0;
  #repeated = new Map<string, number>();
  #column = new Column();
  /** The object whose content is being written. */
  inTurn: object | undefined = undefined;
  /** The depth of contents inside contents, and of bound functions. */
  inline = 0;
  bound = 0;
  #lastPrototype: object | undefined = undefined;
  #lastClass = 0;

  /** Encodes `value` and forgets it. After an error the encoder cannot be used again. */
  encode(value: unknown, memo: EncodingMemo, snapshot: Snapshot | undefined): EncodedStructure {
    this.#begin(memo);
    const packed = memo.packing?.packed;
    if (packed !== undefined) for (const [object, data] of packed) this.#packed(object, data);
    this.value(value);
    this.queue.drain(this.#write);
    const encoded = assemble(this, packed?.size ?? 0, snapshot);
    this.#clear();
    return encoded;
  }

  #begin(memo: EncodingMemo): void {
    this.memo = memo;
    this.shapes.begin();
    this.at = head.size;
    this.firstPropertyAt = -1;
    this.#lastPrototype = undefined;
  }

  value(value: unknown, column: Column = this.#column): void {
    this.reserve(4);
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.text(value, column);
        return;
      case 'object':
        if (value === null) this.words[this.at++] = nullWord;
        else this.object(value);
        return;
      case 'boolean':
        writeBoolean(this, value);
        return;
      case 'undefined':
        writeUndefined(this);
        return;
      case 'function':
        writeFunction(this, value as AnyFunction);
        return;
      case 'bigint':
        writeBigint(this, value);
        return;
      case 'symbol':
        writeSymbol(this, value);
        return;
    }
  }

  text(text: string, column: Column = this.#column): void {
    const { length } = text;
    this.reserve(4);
    let repeats = 0;
    if (
      length <= longestRepeated &&
      ++this.#texts > firstRepeated &&
      column.pays(this.shapes.message)
    ) {
      const known = this.#repeated.get(text);
      if (known !== undefined) {
        column.hit();
        this.words[this.at++] = (known << 3) | tagRepeatedText;
        return;
      }
      this.#repeated.set(text, this.#repeated.size);
      repeats = 1;
    }
    if (length <= longestTagged) {
      this.words[this.at++] = (length << 4) | (repeats << 3) | tagText;
    } else {
      this.words[this.at++] = codeWord(codes.longText);
      this.double(length);
    }
    this.texts.add(text);
  }

  object(object: object): void {
    const number = this.seen.numberOf(object);
    if (number >= 0) {
      this.words[this.at++] = (number << 3) | tagReference;
      return;
    }
    if (types.isProxy(object) && !isEnvironment(object)) throw refuse(object, 'Proxy');
    const prototype = Object.getPrototypeOf(object) as object | null;
    // Plain objects, plain arrays and instances in a row are not looked up in the table: it would take 40 to 50 % more time.
    if (prototype === arrayPrototype && Array.isArray(object)) {
      this.words[this.at++] = arrayWord;
      this.#content(object, array);
    } else if (this.memo.packing !== undefined || !isWithoutTag(object)) {
      this.#content(object, writeHead(this, object, prototype));
    } else if (prototype === objectPrototype) {
      this.words[this.at++] = objectWord;
      this.#content(object, plainObject);
    } else if (prototype !== null && prototype === this.#lastPrototype) {
      this.words[this.at++] = instanceWord;
      this.words[this.at++] = this.#lastClass;
      this.#content(object, instance);
    } else {
      const kind = writeHead(this, object, prototype);
      if (kind === instance) this.#rememberClass(prototype!);
      this.#content(object, kind);
    }
  }

  // Objects of one class often come in a row.
  #rememberClass(prototype: object): void {
    const { ofClass } = this.memo.prototypes.of(prototype);
    this.#lastPrototype = prototype;
    this.#lastClass = (this.seen.numberOf(ofClass!) << 3) | tagReference;
  }

  /** Writes the content of `object` now or later. */
  #content(object: object, content: Content | undefined): void {
    if (content === undefined) return;
    if (content.inline !== true || this.inline === mostInline) {
      this.queue.add(object, content);
      return;
    }
    const outer = this.inTurn;
    this.inline++;
    this.#write(object, content);
    this.inline--;
    this.inTurn = outer;
  }

  readonly #write = (object: object, content: Content): void => {
    this.inTurn = object;
    if (content === plainObject) writePlainObject(this, object);
    else if (content === array) writeArray(this, object as unknown[]);
    else if (content.writeContent !== undefined) content.writeContent(this, object);
    else this.properties(object, keysOf(object, content as Kind));
  };

  /** Writes [class][data], and the contents of everything in the data. */
  #packed(object: object, data: unknown): void {
    const prototype = this.memo.prototypes.of(Object.getPrototypeOf(object) as object);
    writeFunction(this, this.memo.classOf(object, prototype));
    this.value(data);
    this.queue.drain(this.#write);
    this.seen.numberOf(object);
  }

  /** Refuses an object without properties whose internal slots show that its prototype was replaced. */
  refuseSlots(object: object): void {
    if (kindBySlots(object) !== plainObject)
      throw new Refusal(object, 'an object whose prototype was replaced cannot be sent');
  }

  /**
   * Writes the properties `keys` of `object` and the symbol keys of `owner`: a word, which has the number of a shape
   * from bit 1 on; the values of the shape's keys; and, if bit 0 of the word is set, a list of further keys and values.
   *
   * @returns true if there are symbol keys that are not sent
   */
  properties(object: object, keys: readonly string[], owner = object): boolean {
    const record = object as Record<string, unknown>;
    this.reserve(1);
    const first = this.at++;
    this.firstPropertyAt = this.at;
    let node = this.shapes.root;
    let listAt = 0;
    let listed = 0;
    // for…in over the object would be slower: after objects of all kinds, V8 13 optimises and deoptimises it again and
    // again.
    for (const key of keys) {
      if (listAt === 0) {
        const last: ShapeNode | undefined = node.last;
        const next = last?.key === key ? last : this.shapes.after(node, key);
        if (next !== undefined) {
          node = next;
          this.value(record[key], next.column);
          continue;
        }
        listAt = this.#openList();
      }
      this.text(key);
      this.value(record[key]);
      listed++;
    }
    let losesSymbols = false;
    const symbols = Object.getOwnPropertySymbols(owner);
    for (const symbol of symbols) {
      if (!isSentKey(owner, symbol)) {
        losesSymbols = true;
        continue;
      }
      if (listAt === 0) listAt = this.#openList();
      writeSymbol(this, symbol);
      this.value((owner as Record<symbol, unknown>)[symbol]);
      listed++;
    }
    if (listAt !== 0) this.words[listAt] = listed;
    this.words[first] = (this.shapes.numberOf(node) << 1) | (listAt === 0 ? 0 : 1);
    return losesSymbols;
  }

  #openList(): number {
    this.word(0);
    return this.at - 1;
  }

  /** Forgets the current value. */
  #clear(): void {
    this.memo = noMemo;
    this.release();
    this.buffers.release();
    this.seen.clear();
    this.queue.clear();
    this.#lastPrototype = undefined;
    this.inTurn = undefined;
    if (this.functions.size > 0) this.functions = new Set();
    this.#texts = 0;
    if (this.#repeated.size > 0) this.#repeated = new Map();
  }
}
