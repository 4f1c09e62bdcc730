import { argumentRangeError, argumentTypeError, describeValue } from '../../lib/argument_errors.js';

test('a type error says what was expected, for what, and what was received', () => {
  const error = argumentTypeError('a positive integer', 'maxWorkers', 'x');
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toBe("Expected a positive integer for maxWorkers but received 'x'");
  expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
});

test('a range error says the same with its own class and code', () => {
  const error = argumentRangeError('a positive integer', 'maxWorkers', -1);
  expect(error).toBeInstanceOf(RangeError);
  expect(error.message).toBe('Expected a positive integer for maxWorkers but received -1');
  expect(error.code).toBe('ERR_OUT_OF_RANGE');
});

describe('describeValue', () => {
  class Matrix {
    rows = 2;
  }
  function work(): string {
    return 'done';
  }
  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [1.5, '1.5'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [3n, '3n'],
    [Symbol('s'), 'Symbol(s)'],
    ['x', "'x'"],
    ["it's\nso", String.raw`'it\'s\nso'`],
    ['a'.repeat(100), `'${'a'.repeat(60)}…'`],
    [work, 'function work'],
    [() => undefined, 'an anonymous function'],
    [Matrix, 'function Matrix'],
    [[1, 2], 'an array of length 2'],
    [{ a: 1 }, 'a plain object'],
    [Object.create(null), 'an object without prototype'],
    [new Matrix(), 'an instance of Matrix'],
    [new Map(), 'an instance of Map'],
  ])('%p is %s', (value, description) => {
    expect(describeValue(value)).toBe(description);
  });

  test('a value that cannot be looked at is an object all the same', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describeValue(proxy)).toBe('an object');
  });
});
