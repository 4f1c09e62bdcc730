/** Describes prototypes: the kind of the objects that have them, and whether those can be sent. */

import { EventEmitter } from 'node:events';

import type { AnyFunction, FunctionsOut } from './functions_in_out.js';
import type { Prototype } from './kinds/kind.js';
import { plainObject } from './kinds/object.js';
import { kindOfClass } from './kinds/table.js';
import { pack } from './pack.js';
import { Refusal } from './refusing/refusals.js';

const longestChain = 1000;

/** The prototypes of the objects in one value. */
export class Prototypes {
  readonly #functions: FunctionsOut;
  #known: Map<object, Prototype> | undefined;
  #last: object | undefined;
  #lastKnown: Prototype | undefined;

  constructor(functions: FunctionsOut) {
    this.#functions = functions;
  }

  of(prototype: object, depth = 0): Prototype {
    if (prototype === this.#last) return this.#lastKnown!;
    const known = this.#known?.get(prototype);
    if (known !== undefined) {
      this.#last = prototype;
      this.#lastKnown = known;
      return known;
    }
    if (depth > longestChain)
      throw new Refusal(prototype, 'its chain of prototypes is too long to be sent');
    const described = this.#describe(prototype, depth);
    this.#known ??= new Map();
    this.#known.set(prototype, described);
    return described;
  }

  #describe(prototype: object, depth: number): Prototype {
    const above = Object.getPrototypeOf(prototype) as object | null;
    const parent = above === null ? null : this.of(above, depth + 1);
    const ofClass = classOf(prototype);
    const name = ofClass === undefined ? '' : nameOfClass(ofClass);
    const plain = prototype === Object.prototype || (parent === null && isPlain(prototype, name));
    const builtIn = plain || (ofClass !== undefined && this.#isBuiltIn(ofClass));
    return {
      parent,
      ofClass,
      name,
      builtIn,
      plain,
      kind: builtIn ? kindOfClass(name) : parent === null ? plainObject : parent.kind,
      packs: !builtIn && typeof (prototype as { [pack]?: unknown })[pack] === 'function',
      checked: false,
      sendable: undefined,
      hasPrivateMembers: false,
      whyNot: undefined,
    };
  }

  // An EventEmitter counts as a class of the program: its state is in its properties.
  #isBuiltIn(ofClass: AnyFunction): boolean {
    if ((ofClass as unknown) === EventEmitter) return false;
    return builtInClasses.has(ofClass) || this.#functions.isBuiltIn(ofClass);
  }
}

const builtInClasses = new Set<unknown>([Buffer, URL, URLSearchParams, DOMException]);

// The class must be an own property: what is inherited belongs to another prototype.
function classOf(prototype: object): AnyFunction | undefined {
  const candidate: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof candidate !== 'function') return undefined;
  return Object.getOwnPropertyDescriptor(candidate, 'prototype')?.value === prototype
    ? (candidate as AnyFunction)
    : undefined;
}

function nameOfClass(fn: AnyFunction): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

// Every realm (node:vm, jest) has an Object.prototype of its own.
function isPlain(prototype: object, name: string): boolean {
  return name === 'Object' && Object.hasOwn(prototype, 'hasOwnProperty');
}
