/**
 * Reads values that encoder.ts wrote, in the same order. Everything that is read is checked, because bytes may be
 * damaged.
 */

import { DataCloneError } from '../errors.js';
import { BufferReader } from './buffers/buffers_in.js';
import {
  bufferRow,
  codeOf,
  codes,
  elements,
  head,
  mostInline,
  tagMask,
  tagReference,
  tagRepeatedText,
  tagText,
  variantOf,
  variants,
} from './wire/codes.js';
import { ContentQueue } from './content_queue.js';
import { damaged, ofUser } from './wire/damage.js';
import type { AnyFunction, FunctionsIn, ReceivedFunction } from './functions_in_out.js';
import { readHead } from './heads.js';
import { array, readArray } from './kinds/array.js';
import type { Assignment, Content, ErrorClass, LostClass, ValueReader } from './kinds/kind.js';
import { plainObject } from './kinds/object.js';
import { readPrimitive } from './kinds/primitive.js';
import { readRegisteredSymbol, readWellKnownSymbol } from './kinds/symbol.js';
import { setProperty } from './own_properties.js';
import { unpack } from './pack.js';
import { readShapes, type Shape } from './wire/shapes.js';
import { TextReader } from './wire/text.js';
import { cutOff, WordReader, type BorrowedWords } from './wire/word_reader.js';

/** Stands for an object that does not exist yet. */
const unfinished = {};

/** Reads one value; a new one is made for each. */
export class Decoder extends WordReader implements ValueReader {
  readonly functions: FunctionsIn;
  readonly buffers: BufferReader;
  /** The objects read so far, by number. */
  readonly objects: unknown[] = [];
  readonly #queue = new ContentQueue();
  /** Functions whose captured variables follow. */
  readonly received = new Map<unknown, ReceivedFunction>();
  assignments: Assignment[] = [];
  /** Set while the class of an error is read: the class to use if that one is missing, and the missing one. */
  errorClass: ErrorClass | undefined;
  /** Errors whose classes are missing. */
  readonly lostClasses = new Map<object, LostClass>();
  /** The depth of heads inside heads. */
  depth = 0;
  /** The depth of contents inside contents. */
  inline = 0;
  readonly #texts: TextReader;
  readonly #shapes: readonly Shape[];
  readonly #repeated: string[] = [];
  #lastShape: Shape | undefined = undefined;
  #lastPrototype: object | null = null;
  #lastIsAssignable = false;

  constructor(
    bytes: Uint8Array,
    borrowed: BorrowedWords,
    buffers: readonly ArrayBuffer[],
    functions: FunctionsIn,
  ) {
    super(borrowed);
    this.functions = functions;
    const { words, end } = this;
    const rows = words[head.buffers]! >>> 0;
    const pageTable = end + rows * bufferRow.size + (words[head.functions]! >>> 0);
    const pages = words[head.pages]! >>> 0;
    if (pageTable + pages > this.count) throw damaged('its tables are cut off');
    this.buffers = new BufferReader(bytes, buffers, 4 * this.count, this, end, rows);
    this.#texts = new TextReader(bytes, this.buffers.end, words, pageTable, pages);
    this.#shapes = readShapes(this.#texts.next(words[head.shapesLength]! >>> 0));
  }

  decode(): unknown {
    const packed = this.words[head.packed]! >>> 0;
    for (let index = 0; index < packed; index++) this.#unpack();
    const value = this.value();
    this.#queue.drain(this.#read);
    this.#assignCaptured();
    if (this.left > 1) throw damaged('there is more than one value');
    return value;
  }

  value(): unknown {
    if (this.at >= this.end) throw cutOff();
    const word = this.words[this.at++]!;
    if ((word & 1) === 1) return word >> 1;
    switch (word & tagMask) {
      case tagText:
        return this.#newText(word);
      case tagReference:
        return this.#object(word >>> 3);
      case tagRepeatedText:
        return this.#repeatedText(word >>> 3);
      default:
        return this.#coded(word);
    }
  }

  text(): string {
    const text = this.value();
    if (typeof text !== 'string') throw damaged('a string is invalid');
    return text;
  }

  number(): number {
    const number = this.value();
    if (typeof number !== 'number') throw damaged('a number is invalid');
    return number;
  }

  /** Reads a number that is a size. */
  size(): number {
    const size = this.number();
    if (!Number.isSafeInteger(size) || size < 0) throw damaged('a size is invalid');
    return size;
  }

  function(): AnyFunction {
    const fn = this.value();
    if (typeof fn !== 'function') throw damaged('a function is invalid');
    return fn as AnyFunction;
  }

  /** Reserves the number of an object that is about to be created. */
  reserve(): number {
    return this.objects.push(unfinished) - 1;
  }

  #newText(word: number): string {
    const text = this.#texts.next(word >>> 4);
    if ((word & 8) !== 0) this.#repeated.push(text);
    return text;
  }

  #repeatedText(number: number): string {
    const text = this.#repeated[number];
    if (text === undefined) throw damaged('a text is missing');
    return text;
  }

  #object(number: number): unknown {
    const object = number < this.objects.length ? this.objects[number] : unfinished;
    if (object === unfinished) throw damaged('an object is missing');
    return object;
  }

  #coded(word: number): unknown {
    const code = codeOf(word);
    // Plain objects and arrays are not looked up in the table, here and in #read: it would take 3 to 10 % more time.
    switch (code) {
      case codes.object:
        if (variantOf(word) === variants.ofClass) return readHead(this, word);
        return this.#add(variantOf(word) === variants.null ? nullObject() : {}, plainObject);
      case codes.array:
        if (variantOf(word) !== variants.usual) return readHead(this, word);
        return this.#add(emptyArray(this.words[this.at]), array);
      case codes.wellKnownSymbol:
        return readWellKnownSymbol(word);
      case codes.registeredSymbol:
        return readRegisteredSymbol(this);
      default:
        return code < codes.wellKnownSymbol ? readPrimitive(this, code) : readHead(this, word);
    }
  }

  longText(): string {
    return this.#texts.next(this.double());
  }

  #add(object: object, content: Content): object {
    this.objects.push(object);
    this.content(object, content);
    return object;
  }

  /** Reads the content of `object` now or later. */
  content(object: object, content: Content): void {
    if (content.inline !== true || this.inline === mostInline) {
      this.#queue.add(object, content);
      return;
    }
    this.inline++;
    this.#read(object, content);
    this.inline--;
  }

  readonly #read = (object: object, content: Content): void => {
    if (content === plainObject) this.ownProperties(object as Record<string, unknown>);
    else if (content === array) readArray(this, object as unknown[]);
    else if (content.readContent !== undefined) content.readContent(this, object);
    else this.properties(object);
  };

  /** Reads properties into an object that is plain, or has no prototype. */
  ownProperties(object: Record<string, unknown>): void {
    const word = this.word();
    const shape = this.#shape(word);
    if (shape.assignable) this.#assign(object, word, shape);
    else this.#properties(object, word, shape);
  }

  #assign(object: Record<string, unknown>, word: number, { keys }: Shape): void {
    const count = keys.length;
    for (let index = 0; index < count; index++) object[keys[index]!] = this.value();
    if ((word & 1) === 1) this.#list(object);
  }

  /** Reads properties into an object that may inherit some of the same name. */
  properties(object: object): void {
    const word = this.word();
    const shape = this.#shape(word);
    if (shape.keys.length === 0 || !this.#isAssignable(object, shape))
      this.#properties(object, word, shape);
    else this.#assign(object as Record<string, unknown>, word, shape);
  }

  // Objects of one class often come in a row.
  #isAssignable(object: object, shape: Shape): boolean {
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (shape !== this.#lastShape || prototype !== this.#lastPrototype) {
      this.#lastShape = shape;
      this.#lastPrototype = prototype;
      this.#lastIsAssignable = !shape.keys.some((key) => key in object);
    }
    return this.#lastIsAssignable;
  }

  #properties(object: object, word: number, { keys }: Shape): void {
    for (const key of keys) setProperty(object, key, this.value());
    if ((word & 1) === 1) this.#list(object);
  }

  #shape(word: number): Shape {
    const shape = this.#shapes[word >>> 1];
    if (shape === undefined) throw damaged('a shape is missing');
    return shape;
  }

  #list(object: object): void {
    const count = this.countOf(2);
    for (let index = 0; index < count; index++) {
      const key = this.value();
      if (typeof key !== 'string' && typeof key !== 'symbol') throw damaged('a key is invalid');
      setProperty(object, key, this.value());
    }
  }

  #unpack(): void {
    const ofClass = this.function() as AnyFunction & { [unpack]?: (data: unknown) => unknown };
    const data = this.value();
    this.#queue.drain(this.#read);
    this.#assignCaptured();
    if (typeof ofClass[unpack] !== 'function')
      throw new DataCloneError(`The class ${ofClass.name} has no static [unpack]`);
    this.objects.push(
      ofUser(`[unpack] of the class ${ofClass.name}`, () => ofClass[unpack]!(data)),
    );
  }

  #assignCaptured(): void {
    for (const { received, captured } of this.assignments)
      ofUser('assigning captured variables', () => received.assign?.(captured));
    if (this.assignments.length > 0) this.assignments = [];
  }
}

// V8 learns for each place in the code what arrays made there will hold.
function emptyArray(form: number | undefined): unknown[] {
  if (form === elements.doubles) return [];
  if (form === elements.integers) return [];
  return [];
}

function nullObject(): object {
  return Object.create(null) as object;
}
