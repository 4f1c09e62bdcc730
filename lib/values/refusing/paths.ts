/** Places in a value, as users read them: `argument 2.options.db`, `result[3], key 1`. */

import type { EncodingMemo } from '../encoding_memo.js';
import type { Step } from './steps.js';
import { visitChildren } from './walk.js';

/** The name of the value that is encoded, for messages. */
export interface Root {
  readonly name: string;
  /** The names of its elements, and of their elements, if they have names. */
  readonly elements?: readonly ((index: number) => string)[];
}

const argument = (index: number): string => `argument ${index + 1}`;

/** The values that this package encodes, by the names that users know. */
export const roots = {
  /** A list of arguments. */
  arguments: { name: 'the arguments', elements: [argument] },
  /** The calls of a chunk, as their number and a column for each argument. */
  columns: {
    name: 'the calls',
    elements: [(index: number) => `argument ${index}`, (index: number) => ` of call ${index + 1}`],
  },
  /** The calls of a chunk, as one list of their lists of arguments. */
  calls: {
    name: 'the calls',
    elements: [
      () => '',
      (index: number) => `call ${index + 1}`,
      (index: number) => `, ${argument(index)}`,
    ],
  },
  result: { name: 'the result' },
  /** A list of results. */
  results: { name: 'the results', elements: [(index: number) => `result ${index + 1}`] },
  error: { name: 'the error' },
  value: { name: 'the value' },
} as const satisfies Record<string, Root>;

interface Origin {
  readonly from: object;
  readonly step: Step;
}

/** The path from a root to an object in it. */
export interface Way {
  /** The objects on the path, the root first. */
  readonly objects: readonly object[];
  /** The step taken from each of them to the next. */
  readonly steps: readonly Step[];
}

/** The shortest path from `root` to `culprit`; undefined if `culprit` is not found again. */
export function findWay(root: unknown, culprit: unknown, memo: EncodingMemo): Way | undefined {
  if (root === culprit || !isObject(root)) return { objects: [], steps: [] };
  const origins = new Map<object, Origin | undefined>([[root, undefined]]);
  for (const object of origins.keys()) {
    let found: Step | undefined;
    visitChildren(object, memo, (value, step) => {
      if (value === culprit) found ??= step;
      if (isObject(value) && !origins.has(value)) origins.set(value, { from: object, step });
    });
    if (found !== undefined) return wayTo(object, found, origins);
  }
  return undefined;
}

function wayTo(last: object, step: Step, origins: ReadonlyMap<object, Origin | undefined>): Way {
  const objects = [last];
  const steps = [step];
  for (let origin = origins.get(last); origin !== undefined; origin = origins.get(origin.from)) {
    objects.unshift(origin.from);
    steps.unshift(origin.step);
  }
  return { objects, steps };
}

/** The key of the first property of `object` that cannot be read. */
export function unreadableKey(object: object): string | undefined {
  for (const key of Object.keys(object)) {
    try {
      Reflect.get(object, key);
    } catch {
      return key;
    }
  }
  return undefined;
}

/** A place in a value as text: `argument 2.options.db`. */
export function pathText(root: Root, steps: readonly Step[]): string {
  let path = root.name;
  steps.forEach((step, depth) => {
    const name = root.elements?.[depth];
    if (name !== undefined && step.by === 'property' && isIndex(step.key))
      path = (depth === 0 ? '' : path) + name(Number(step.key));
    else path += stepText(step);
  });
  return path;
}

/** One step of a path as text: `.name`, `[3]`, `["a key"]`, `, key 1`. */
function stepText(step: Step): string {
  if (step.by === 'text') return step.text;
  const { key } = step;
  if (typeof key === 'symbol') return `[${String(key)}]`;
  if (isIndex(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function isIndex(key: string | symbol): boolean {
  return typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
