/** The functions and classes of a script, by where they stand. */

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
  /** The method, getter or setter of which `node` is the function. */
  readonly method: MethodNode | undefined;
  /** In which it is defined. */
  readonly scope: Scope;
}

interface Row extends DefinedFunction {
  /** The innermost function or class around it. */
  readonly around: Row | undefined;
}

/** The functions of a script in the order of their places, to be found by one of these. */
export class FunctionTable {
  /** By where the nodes start; for a method that is its parameter list, for a class its keyword. */
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
   * The innermost function around `offset` whose text is `text`. V8 gives the parameter list of a function, and the
   * start of an arrow function and of a class: the innermost around it is the one meant. Only of a class with a
   * constructor it gives the parameter list of that, which has not the text of the class.
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

  /** The text of a method begins after `static`, with `async`, `get`, `*` or its name. */
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
  // The walk takes the properties of a node as they come, which need not be as they stand.
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
