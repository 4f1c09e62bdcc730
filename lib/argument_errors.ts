/** A built-in error for a wrong argument, with a `code` named as in Node.js. */
export type ArgumentError<Base extends Error> = Base & { code: string };

/**
 * A `TypeError` for an argument or option of the wrong type.
 * @param expected with its article: `a positive integer`
 * @param name of the argument or option: `maxWorkers`
 * @param received the value, described by {@link describeValue}
 */
export function argumentTypeError(
  expected: string,
  name: string,
  received: unknown,
): ArgumentError<TypeError> {
  return Object.assign(new TypeError(mismatch(expected, name, received)), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/**
 * A `RangeError` for an argument or option of the right type with a value outside its range; see
 * {@link argumentTypeError}.
 */
export function argumentRangeError(
  expected: string,
  name: string,
  received: unknown,
): ArgumentError<RangeError> {
  return Object.assign(new RangeError(mismatch(expected, name, received)), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

/** Describes a value in messages about wrong arguments: `'x'`, `3n`, `function work`, `a plain object`. */
export function describeValue(value: unknown): string {
  try {
    return describe(value);
  } catch {
    // Inspecting it ran code of the value itself (a getter, a proxy) that threw. This must not hide the error that is
    // being reported.
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

function mismatch(expected: string, name: string, received: unknown): string {
  return `Expected ${expected} for ${name} but received ${describeValue(received)}`;
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return value.name === '' ? 'an anonymous function' : `function ${value.name}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

const LONGEST_QUOTE = 60;

function quote(text: string): string {
  const shown = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return `'${shown.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return 'a plain object';
  if (prototype === null) return 'an object without prototype';
  return `an instance of ${value.constructor.name}`;
}
