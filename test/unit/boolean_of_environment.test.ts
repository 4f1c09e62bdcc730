import { booleanOfEnvironment } from '../../lib/executors/boolean_of_environment.js';

const name = 'MPI_FUTURES_OUT_OF_BAND';

afterEach(() => {
  Reflect.deleteProperty(process.env, name);
});

test.each(['true', 'yes', 'on', 'y', '1', 'TRUE', 'Yes'])('%s is true', (word) => {
  process.env[name] = word;
  expect(booleanOfEnvironment(name, false)).toBe(true);
});

test.each(['false', 'no', 'off', 'n', '0', 'FALSE', 'No'])('%s is false', (word) => {
  process.env[name] = word;
  expect(booleanOfEnvironment(name, true)).toBe(false);
});

test('without the variable, or with nothing in it, the default holds', () => {
  expect(booleanOfEnvironment(name, true)).toBe(true);
  process.env[name] = '';
  expect(booleanOfEnvironment(name, true)).toBe(true);
});

// mpi4py: `use_pkl5` is off by default
test('another word is named in a warning, once, and the default holds', () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  process.env[name] = 'perhaps';
  expect(booleanOfEnvironment(name, true)).toBe(true);
  expect(booleanOfEnvironment(name, true)).toBe(true);
  expect(emitWarning.mock.calls).toEqual([
    [
      expect.stringMatching(/MPI_FUTURES_OUT_OF_BAND.*'perhaps'/),
      { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_ENVIRONMENT' },
    ],
  ]);
});
