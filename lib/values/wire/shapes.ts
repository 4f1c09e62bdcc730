/**
 * Shapes: the key lists of objects. Each shape is sent once per value, and objects refer to it by number; 0 is the
 * empty one. The writer finds a shape by walking a tree of keys that outlives the value, so that objects of a known
 * shape cost one comparison per key. The reader keeps the shapes of recent values by their text.
 */

import { damaged } from './damage.js';

/** Longer key lists are written with their object, and so are longer keys, which may be data. */
const mostKeys = 128;
const longestKey = 256;
/** The tree is discarded when it has this many characters in keys and texts. */
const mostKept = 1 << 20;
/** The size of a node without its key, counted as characters. */
const sizeOfNode = 64;

// As they were before any task could replace them.
const { parse: parseJson, stringify } = JSON;

/** Counts how often the texts in one place repeat, to decide whether looking them up is worth its cost. */
export class Column {
  #message = 0;
  #tries = 0;
  #hits = 0;

  /** True if it is worth looking up a text in this column. */
  pays(message: number): boolean {
    if (this.#message !== message) {
      this.#message = message;
      this.#tries = 0;
      this.#hits = 0;
    }
    return this.#tries++ < 32 || 2 * this.#hits > this.#tries;
  }

  hit(): void {
    this.#hits++;
  }
}

/** A key that follows those of its parents. The path to it is a list of keys, which is a shape if objects have it. */
export class ShapeNode {
  readonly key: string;
  readonly parent: ShapeNode | undefined;
  readonly depth: number;
  readonly column = new Column();
  /** The child that was used last. */
  last: ShapeNode | undefined = undefined;
  children: Map<string, ShapeNode> | undefined = undefined;
  /** The message in which this shape has the number `number`. */
  message = 0;
  number = 0;
  #text: string | undefined = undefined;

  constructor(key: string, parent?: ShapeNode) {
    this.key = key;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** The keys as JSON. */
  get text(): string {
    if (this.#text !== undefined) return this.#text;
    this.#text = stringify(this.#keys());
    kept += this.#text.length;
    return this.#text;
  }

  #keys(): string[] {
    if (this.parent === undefined) return [];
    const keys = [this.key];
    for (let node = this.parent; node.parent !== undefined; node = node.parent) keys.push(node.key);
    return keys.reverse();
  }
}

let root = new ShapeNode('');
/** The number of characters in the tree. */
let kept = 0;
let messages = 0;

/** The shapes of one value. */
export class ShapeWriter {
  root = root;
  /** The number of this message among all of this process. */
  message = 0;
  #shapes: ShapeNode[] = [];

  begin(): void {
    if (kept > mostKept) {
      root = new ShapeNode('');
      kept = 0;
    }
    this.root = root;
    this.message = ++messages;
  }

  /** The node of `key` after `node`, or undefined where the list of keys is to end. */
  after(node: ShapeNode, key: string): ShapeNode | undefined {
    let next = node.children?.get(key);
    if (next === undefined) {
      if (node.depth === mostKeys || kept > mostKept) return undefined;
      if (key.length > longestKey || key === '__proto__') return undefined;
      kept += sizeOfNode + key.length;
      next = new ShapeNode(key, node);
      if (node.last !== undefined) {
        node.children ??= new Map([[node.last.key, node.last]]);
        node.children.set(key, next);
      }
    }
    node.last = next;
    return next;
  }

  numberOf(node: ShapeNode): number {
    if (node.message === this.message) return node.number;
    if (node.depth === 0) return 0;
    node.message = this.message;
    return (node.number = this.#shapes.push(node));
  }

  /** The text of all shapes. Empties the writer. */
  take(): string {
    if (this.#shapes.length === 0) return '';
    const text =
      this.#shapes.length === 1
        ? `[${this.#shapes[0]!.text}]`
        : `[${this.#shapes.map((shape) => shape.text).join()}]`;
    this.#shapes = [];
    return text;
  }
}

/** The keys of an object, as the reader uses them. */
export interface Shape {
  readonly keys: readonly string[];
  /** True if assignment makes own properties on an ordinary object. */
  readonly assignable: boolean;
}

const emptyShape: Shape = { keys: [], assignable: true };
/** The shapes of a value that has only the empty one. */
const noShapes: readonly Shape[] = [emptyShape];

const recent = new Map<string, readonly Shape[]>();
const mostRecent = 256;
const longestRecent = 4096;

/** Reads the text that {@link ShapeWriter.take} wrote. */
export function readShapes(text: string): readonly Shape[] {
  if (text === '') return noShapes;
  const known = recent.get(text);
  if (known !== undefined) return known;
  const shapes = [emptyShape, ...parse(text).map(shapeOf)];
  if (text.length <= longestRecent) {
    if (recent.size === mostRecent) recent.clear();
    // A copy: the text is part of a page with texts of the value.
    recent.set(Buffer.from(text, 'utf16le').toString('utf16le'), shapes);
  }
  return shapes;
}

function parse(text: string): unknown[] {
  try {
    return parseJson(text) as unknown[];
  } catch (cause) {
    throw damaged('the list of shapes cannot be read', cause);
  }
}

function shapeOf(keys: unknown): Shape {
  if (!Array.isArray(keys) || !keys.every((key): key is string => typeof key === 'string'))
    throw damaged('a shape is not a list of keys');
  return { keys, assignable: !keys.some((key) => key in Object.prototype) };
}
