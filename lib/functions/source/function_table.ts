/** The functions and classes of a script, by their positions. */

import type { AnyNode } from 'acorn';
import type { ParsedScript } from './parsed_script.js';
import { walk } from './scoped_walk.js';
import { Scope } from './scopes.js';
import { isClass, isFunction, methodOf } from './syntax.js';
import type { ClassNode, FunctionNode, MethodNode } from './syntax.js';
import { lastAtOrBefore } from './text_positions.js';

/** A function or class in the syntax tree of its script. */
export interface DefinedFunction {
  readonly node: FunctionNode | ClassNode;
  /** The method, getter or setter whose function is `node`. */
  readonly method: MethodNode | undefined;
  /** The scope in which it is defined. */
  readonly scope: Scope;
}

interface Row extends DefinedFunction {
  /** The innermost function or class around it. */
  readonly around: Row | undefined;
}

/** The functions of a script in the order of their positions, by which they are found. */
export class FunctionTable {
  /** Sorted by where the nodes start, which is the parameter list of a method, and the keyword of a class. */
  readonly #rows: readonly Row[];
  readonly #source: string;

  constructor(source: string, script: ParsedScript) {
    this.#source = source;
    this.#rows = nested(definedFunctions(script));
  }

  get functions(): readonly DefinedFunction[] {
    return this.#rows;
  }

  /**
   * The innermost function around `offset` whose text is `text`. V8 gives the position of the parameter list of a
   * function, or of the start of an arrow function or class: the innermost function around it is the right one. For a
   * class with a constructor, V8 gives the constructor's parameter list; its text differs from that of the class.
   */
  at(offset: number, text: string): { fn: DefinedFunction; textStart: number } | undefined {
    const last = lastAtOrBefore(this.#rows, offset, ({ node }) => node.start);
    for (let row = this.#rows[last]; row; row = row.around) {
      const textStart = row.node.end - text.length;
      if (row.node.end > offset && this.#isText(row, textStart, text)) {
        return { fn: row, textStart };
      }
    }
    return undefined;
  }

  /**
   * True if the text of the function begins at `textStart`. That of a method begins after `static`, with `async`,
   * `get`, `*` or its name.
   */
  #isText({ node, method }: Row, textStart: number, text: string): boolean {
    const fits = method
      ? method.start <= textStart && textStart <= method.key.start
      : node.start === textStart;
    return fits && this.#source.startsWith(text, textStart);
  }
}

/** All functions and classes of a script, in the order in which they begin. */
export function definedFunctions({ program, kind }: ParsedScript): DefinedFunction[] {
  const functions: DefinedFunction[] = [];
  walk(program, new Scope(kind, program), (node, scope, parent) => {
    if (!isFunction(node) && !isClass(node)) return;
    functions.push({ node, method: methodOf(node, parent), scope });
  });
  // The walk visits the properties of a node in the order of the object, which may differ from that of the text.
  return functions.sort((a, b) => a.node.start - b.node.start);
}

function nested(functions: readonly DefinedFunction[]): Row[] {
  const open: Row[] = [];
  return functions.map((fn) => {
    while (open.length > 0 && endsBefore(open.at(-1)!.node, fn.node)) open.pop();
    const row = { ...fn, around: open.at(-1) };
    open.push(row);
    return row;
  });
}

function endsBefore(first: AnyNode, second: AnyNode): boolean {
  return first.end <= second.start;
}
