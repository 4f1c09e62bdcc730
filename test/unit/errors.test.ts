import { inspect } from 'node:util';
import * as errors from '../../lib/errors.js';

const failure = {
  call: 'MPI_Send',
  errorCode: 14,
  errorClass: 15,
  errorString: 'MPI_ERR_TRUNCATE',
};
const cause = new Error('the cause');
const samples: [Error & { code: string }, string, string][] = [
  [new errors.CancelledError('m', { cause }), 'CancelledError', 'ERR_CANCELLED'],
  [new errors.TimeoutError('m', { cause }), 'TimeoutError', 'ERR_TIMEOUT'],
  [new errors.InvalidStateError('m', { cause }), 'InvalidStateError', 'ERR_INVALID_STATE'],
  [new errors.BrokenExecutorError('m', { cause }), 'BrokenExecutorError', 'ERR_BROKEN_EXECUTOR'],
  [
    new errors.ExecutorShutdownError('m', { cause }),
    'ExecutorShutdownError',
    'ERR_EXECUTOR_SHUTDOWN',
  ],
  [new errors.SpawnError('m', { cause }), 'SpawnError', 'ERR_SPAWN'],
  [new errors.WorkerLostError('m', { rank: 3, cause }), 'WorkerLostError', 'ERR_WORKER_LOST'],
  [new errors.TaskExitError('m', { exitCode: 7, cause }), 'TaskExitError', 'ERR_TASK_EXIT'],
  [new errors.DataCloneError('m', { cause }), 'DataCloneError', 'ERR_DATA_CLONE'],
  [new errors.ModuleLoadError('m', { cause }), 'ModuleLoadError', 'ERR_MODULE_LOAD'],
  [new errors.MPIError('m', { ...failure, cause }), 'MPIError', 'ERR_MPI'],
  [
    new errors.MPIUnavailableError('m', 'ERR_ADDON_NOT_BUILT', { cause }),
    'MPIUnavailableError',
    'ERR_ADDON_NOT_BUILT',
  ],
  [new errors.UsageError('m', { cause }), 'UsageError', 'ERR_USAGE'],
];

test('this file has a sample of every error', () => {
  const classes = Object.values(errors).map(({ name }) => name);
  expect(samples.map(([, name]) => name).sort()).toEqual(classes.sort());
});

describe.each(samples)('%s', (error, name, code) => {
  test('is an Error with message, name, code and cause', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: 'm', name, code, cause });
    expect(String(error)).toBe(`${name}: m`);
  });

  test('has no name of its own that would be printed', () => {
    expect(Object.hasOwn(error, 'name')).toBe(false);
    expect(Object.keys(error)).not.toContain('name');
  });

  test('has a cause that is not enumerable, as any error', () => {
    expect(Object.getOwnPropertyDescriptor(error, 'cause')?.enumerable).toBe(false);
  });
});

test('an error without cause has no property for one', () => {
  expect('cause' in new errors.WorkerLostError('m', { rank: 0 })).toBe(false);
  expect('cause' in new errors.CancelledError()).toBe(false);
});

test('WorkerLostError tells what is known of the worker and prints nothing else', () => {
  const error = new errors.WorkerLostError('m', {
    rank: 3,
    host: 'n1',
    pid: 42,
    reason: 'SIGKILL',
  });
  expect(error).toMatchObject({ rank: 3, host: 'n1', pid: 42, reason: 'SIGKILL' });
  expect(inspect(new errors.WorkerLostError('m', { rank: 3 }))).not.toContain('undefined');
});

test('TaskExitError has the exit code', () => {
  expect(new errors.TaskExitError('m', { exitCode: 7 }).exitCode).toBe(7);
});

test('MPIError has what MPI says of the call', () => {
  expect(new errors.MPIError('m', failure)).toMatchObject(failure);
});
