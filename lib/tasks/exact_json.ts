/**
 * The cheap path for small values: JSON, where it is exact.
 *
 * A batch of tasks whose values are all JSON is written and read by one call each, which is three to five times cheaper
 * than encoding each value. Exact means: what JSON.parse gives is what the codec would give. So no undefined, hole, NaN,
 * Infinity, −0, bigint, date, class instance, proxy, symbol or `__proto__` as a key, and no object twice. The text is
 * written in the same walk that looks: each property is read once.
 */

import { types } from 'node:util';

/** Above these the codec is the cheaper one. */
const mostNodes = 100;
const mostContainers = 16;
const longestString = 4096;

let nodes = 0;
// The objects met so far. Kept at its length: to shorten an array costs more than all the rest of a small value.
const containers = new Array<object | null>(mostContainers).fill(null);
let containerCount = 0;

/** The JSON text of `value` if it is small and JSON keeps it exactly, else undefined. */
export function exactJson(value: unknown): string | undefined {
  if (typeof value === 'number') return textOfNumber(value);
  nodes = 0;
  containerCount = 0;
  try {
    return textOf(value);
  } catch {
    return undefined; // a getter has thrown; the codec will say which
  }
}

function textOf(value: unknown): string | undefined {
  if (++nodes > mostNodes) return undefined;
  switch (typeof value) {
    case 'number':
      return textOfNumber(value);
    case 'string':
      return value.length <= longestString ? JSON.stringify(value) : undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : textOfObject(value);
    default:
      return undefined;
  }
}

function textOfNumber(value: number): string | undefined {
  return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
}

function textOfObject(value: object): string | undefined {
  if (!isNew(value) || types.isProxy(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return textOfRecord(value as Record<string, unknown>);
  return prototype === Array.prototype && Array.isArray(value) ? textOfArray(value) : undefined;
}

function isNew(value: object): boolean {
  if (containerCount === mostContainers) return false;
  for (let index = 0; index < containerCount; index++)
    if (containers[index] === value) return false;
  containers[containerCount++] = value;
  return true;
}

function textOfRecord(record: Record<string, unknown>): string | undefined {
  if (Object.getOwnPropertySymbols(record).length > 0) return undefined;
  let text = '';
  for (const key of Object.keys(record)) {
    if (key === '__proto__' || key.length > longestString) return undefined;
    const value = textOf(record[key]);
    if (value === undefined) return undefined;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${value}`;
  }
  return `{${text}}`;
}

function textOfArray(array: readonly unknown[]): string | undefined {
  if (array.length > mostNodes || Object.keys(array).length !== array.length) return undefined;
  let text = '';
  for (let index = 0; index < array.length; index++) {
    const element = textOf(array[index]);
    if (element === undefined) return undefined;
    text += index === 0 ? element : `,${element}`;
  }
  return `[${text}]`;
}
