/**
 * The order in which objects that pack themselves are written. The data that `[unpack](data)` gets must be complete, so
 * each such object is written before the value, and those inside its data before it.
 */

import { types } from 'node:util';

import type { EncodingMemo } from './encoding_memo.js';
import type { PackingOrder } from './kinds/kind.js';
import type { AnyFunction } from './functions_in_out.js';
import { Refusal } from './refusing/refusals.js';
import { visitChildren } from './refusing/walk.js';

interface Node {
  readonly object: object;
  /** The number of the object, in the order in which objects were met. */
  readonly number: number;
  /** The lowest number that can be reached (Tarjan's low link). */
  lowest: number;
  readonly children: readonly unknown[];
  nextChild: number;
  isOpen: boolean;
  readonly packs: boolean;
  holdsItself: boolean;
}

/**
 * Calls `[pack]()` of every object reachable from `root` that has this method.
 *
 * @throws {Refusal} where the data of such an object contains the object itself
 */
export function makePackingOrder(root: unknown, memo: EncodingMemo): PackingOrder {
  const data = new Map<object, unknown>();
  const wellKnown = new Map<object, number>();
  memo.packing = { packed: data, wellKnown };
  const order = new Map<object, unknown>();
  for (const object of dependenciesFirst(root, memo, data, wellKnown))
    order.set(object, data.get(object));
  return (memo.packing = { packed: order, wellKnown });
}

/** Yields the objects that pack themselves: Tarjan's algorithm for strongly connected components, without recursion. */
function* dependenciesFirst(
  root: unknown,
  memo: EncodingMemo,
  data: Map<object, unknown>,
  wellKnown: Map<object, number>,
): Iterable<object> {
  const nodes = new Map<object, Node>();
  const open: Node[] = [];

  function enter(object: object): Node {
    const packs = prepare(object, memo, data, wellKnown);
    const children: unknown[] = [];
    visitChildren(object, memo, (value) => {
      if (isObject(value)) children.push(value);
    });
    const number = nodes.size;
    const node = {
      object,
      number,
      lowest: number,
      children,
      nextChild: 0,
      isOpen: true,
      packs,
      holdsItself: children.includes(object),
    };
    nodes.set(object, node);
    open.push(node);
    return node;
  }

  if (!isObject(root)) return;
  const way = [enter(root)];
  while (way.length > 0) {
    const node = way.at(-1)!;
    const child = node.children[node.nextChild++] as object | undefined;
    if (child !== undefined) {
      const known = nodes.get(child);
      if (known === undefined) way.push(enter(child));
      else if (known.isOpen) node.lowest = Math.min(node.lowest, known.number);
      continue;
    }
    way.pop();
    const above = way.at(-1);
    if (above !== undefined) above.lowest = Math.min(above.lowest, node.lowest);
    if (node.lowest === node.number) {
      const isAlone = open.at(-1) === node && !node.holdsItself;
      let member: Node;
      do {
        member = open.pop()!;
        member.isOpen = false;
        if (member.packs && !isAlone)
          throw new Refusal(member.object, 'what its [pack]() returned contains the object itself');
      } while (member !== node);
      if (node.packs) yield node.object;
    }
  }
}

/** Finds out what must be known about `object` before its children can be visited; returns true if it packs itself. */
function prepare(
  object: object,
  memo: EncodingMemo,
  data: Map<object, unknown>,
  wellKnown: Map<object, number>,
): boolean {
  if (types.isProxy(object)) return false;
  if (typeof object === 'function') {
    memo.trySend(object as AnyFunction);
    return false;
  }
  const id = memo.functions.wellKnown(object);
  if (id !== undefined) {
    wellKnown.set(object, id);
    return false;
  }
  const above = Object.getPrototypeOf(object) as object | null;
  const prototype = above === null ? null : memo.prototypes.of(above);
  if (prototype?.packs !== true) return false;
  data.set(object, memo.pack(object, prototype));
  return true;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
