import { inspect } from 'node:util';
import * as validators from '../../lib/validators.js';

type Validator = (value: unknown, name: string) => void;

/** Matches errors that have these properties. */
function errorLike(properties: { name: string; code: string }): Error {
  return expect.objectContaining(properties) as Error;
}

interface Values {
  accepts: unknown[];
  wrongType: unknown[];
  outOfRange?: unknown[];
}

function describeValidator(
  validator: Validator,
  { accepts, wrongType, outOfRange = [] }: Values,
): void {
  const typeError = errorLike({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  const rangeError = errorLike({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  describe(validator.name, () => {
    for (const value of accepts) {
      test(`accepts ${inspect(value)}`, () => {
        expect(() => validator(value, 'x')).not.toThrow();
      });
    }
    for (const value of wrongType) {
      test(`throws a TypeError for ${inspect(value)}`, () => {
        expect(() => validator(value, 'x')).toThrow(typeError);
      });
    }
    for (const value of outOfRange) {
      test(`throws a RangeError for ${inspect(value)}`, () => {
        expect(() => validator(value, 'x')).toThrow(rangeError);
      });
    }
  });
}

describeValidator(validators.validatePositiveInteger, {
  accepts: [1, 2 ** 40],
  wrongType: ['1', 1n, null, undefined, [1]],
  outOfRange: [0, -1, 1.5, NaN, Infinity],
});
describeValidator(validators.validateTimeout, {
  accepts: [0, 0.5, Infinity],
  wrongType: ['1', null, undefined],
  outOfRange: [-1, NaN],
});
describeValidator(validators.validateBoolean, {
  accepts: [true, false],
  wrongType: [0, 'true', null],
});
describeValidator(validators.validateString, { accepts: ['', 'x'], wrongType: [1, null, ['x']] });
describeValidator(validators.validateFunction, {
  accepts: [() => 1, Map],
  wrongType: ['f', {}, null],
});
describeValidator(validators.validateAbortSignal, {
  accepts: [new AbortController().signal, AbortSignal.abort()],
  wrongType: [new AbortController(), {}, null, 'abort'],
});
describeValidator(
  function validateOneOf(value, name) {
    validators.validateOneOf(value, name, ['copy', 'error']);
  },
  { accepts: ['copy', 'error'], wrongType: ['Copy', 1, undefined] },
);

describe('validateOptions', () => {
  const known = {
    of: 'PoolExecutor',
    names: ['maxWorkers', 'cwd', 'execPath', 'initArgs'],
    synonyms: { wdir: 'cwd' },
  };
  const check = (options: unknown) => () => validators.validateOptions(options, known);

  test('accepts known options, whatever their values', () => {
    expect(check({ maxWorkers: 'x', cwd: undefined })).not.toThrow();
    expect(check({})).not.toThrow();
  });

  test.each([[null], [3], ['x'], [[]], [undefined]])('refuses %p', (options) => {
    expect(check(options)).toThrow('Expected an object for the options of PoolExecutor');
  });

  test('names the closest known option for an unknown one', () => {
    expect(check({ max_workers: 4 })).toThrow(
      "Expected a known option for PoolExecutor but received 'max_workers': did you mean maxWorkers?",
    );
    expect(check({ max_workers: 4 })).toThrow(
      errorLike({ name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' }),
    );
  });

  test('knows what others call an option', () => {
    expect(check({ wdir: '/' })).toThrow('did you mean cwd?');
  });

  test('lists the options where none is close', () => {
    expect(check({ colour: 1 })).toThrow('the options are maxWorkers, cwd, execPath, initArgs');
  });

  test('does not take a method of Object for a synonym', () => {
    expect(check({ toString: 1 })).toThrow('the options are');
  });
});
