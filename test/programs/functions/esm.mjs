/** Functions of an ES module, each reached from its top level in another way. */

import path from 'node:path';
import { place } from '../tasks.mjs';

const factor = 3;
let count = 0;

export function exported(x) {
  return x * factor;
}

function hidden(x) {
  return exported(x) + factor;
}

export const arrow = (x) => hidden(x) - 1;

const hiddenArrow = async (x) => (await later(x)) * factor;

async function later(x) {
  await null;
  return x + 1;
}

function* numbers(limit) {
  for (let i = 0; i < limit; i++) yield i * factor;
}

async function* laterNumbers(limit) {
  for (const i of numbers(limit)) yield await later(i);
}

export function usesGenerators(limit) {
  return [...numbers(limit)];
}

export async function usesAsyncGenerators(limit) {
  const all = [];
  for await (const i of laterNumbers(limit)) all.push(i);
  return all;
}

/** A state of the module: it persists on each worker, and each worker has its own. */
export function increment(by) {
  count += by;
  return [count, place()];
}

export function whereAmI() {
  return [import.meta.url, path.basename(import.meta.url)];
}

class Counter {
  static made = 0;
  static #secret = 40;
  #value;

  constructor(value = 0) {
    this.#value = value;
    Counter.made++;
  }

  static create(value) {
    return new Counter(value).next();
  }

  static withSecret(x) {
    return this.#secret + x;
  }

  static namedSecret(x) {
    return Counter.#secret + Counter.#add(x);
  }

  static #add(x) {
    return x;
  }

  static arrow = (x) => x * factor + Counter.#secret;

  static async later(x) {
    return later(x);
  }

  static get reading() {
    return function reading(x) {
      return x + factor;
    };
  }

  next() {
    return ++this.#value;
  }
}

export class Shape {
  constructor(side) {
    this.side = side;
  }

  static unit() {
    return new this(1);
  }

  area() {
    return this.side ** 2 * factor;
  }

  get half() {
    return this.side / 2;
  }

  set half(value) {
    this.side = value * 2;
  }

  ['computed' + ' name'](x) {
    return x + factor;
  }

  'with spaces'(x) {
    return x * factor;
  }

  [Symbol.toPrimitive]() {
    return factor;
  }

  static *each(limit) {
    yield* numbers(limit);
  }
}

class HiddenShape extends Shape {
  area() {
    return super.area() + 1;
  }

  static unit() {
    return super.unit().area();
  }
}

export const toolbox = {
  method(x) {
    return x + factor;
  },
  async asyncMethod(x) {
    return (await later(x)) + factor;
  },
  fn: function (x) {
    return x * factor;
  },
  arrow: (x) => x - factor,
  deep: { deeper: { deepest: (x) => [x, factor] } },
  list: [(x) => x, (x) => x * factor],
  5: (x) => x + 5,
  'not-a-name': (x) => x + factor,
  [Symbol.for('mpi-futures.test')]: (x) => x + factor,
  get getter() {
    return factor;
  },
  usesThis() {
    return this.fn(2);
  },
};

export const { destructured } = { destructured: (x) => x + factor };
export const [fromList] = [(x) => x + factor];
export let reassigned = (x) => x;
reassigned = (x) => x * factor * 10;

exported.attached = (x) => x + factor;
Shape.attached = function (x) {
  return x + factor;
};
Shape.prototype.added = function () {
  return this.side + factor;
};

export const größe = (x) => x * factor;
export const 世界 = (x) => `世界 ${x * factor}`;
export const $ = (_) => _ + factor;

// Names of globals.
function parseInt(x) {
  return `not the global parseInt: ${x * factor}`;
}
const Math = { pow: (x) => `not the global Math.pow: ${x * factor}` };

export const memoized = memoize((x) => x * factor);

/** A factory: what it returns uses its variables and the module's. */
export function memoize(fn) {
  const known = new Map();
  return (x) => {
    if (!known.has(x)) known.set(x, fn(x));
    return [known.get(x), known.size, factor];
  };
}

export function multiplier(by) {
  return function multiply(x) {
    return x * by * factor;
  };
}

export class NotPlainError extends Error {
  constructor(message, extra) {
    super(message);
    this.name = 'NotPlainError';
    this.extra = extra;
  }
}

export default function namedDefault(x) {
  return x + factor;
}

/** What is not exported. */
export function reveal() {
  return { hidden, hiddenArrow, numbers, Counter, HiddenShape, parseInt, Math, makeHiddenShape };
}

function makeHiddenShape(side) {
  return new HiddenShape(side);
}
