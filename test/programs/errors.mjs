import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { PoolExecutor } from './executor.mjs';
import * as tasks from './tasks.mjs';
import * as thrown from './functions/thrown.mjs';

class OwnError extends Error {}

function throwOwn(message) {
  throw new OwnError(message);
}

if (isMain) {
  const pool = await new PoolExecutor().bootup();
  const errorOf = (fn, ...args) =>
    pool.submit(fn, ...args).then(
      () => assert.fail('did not fail'),
      (error) => error,
    );

  await check('an error of the language keeps its class and message', async () => {
    const error = await errorOf(tasks.throwTypeError, 'no such thing');
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, 'no such thing');
  });

  // mpi4py: the remote traceback is the `__cause__`
  // test_futures.py: Pickle exc_pickle, exc_unpickle
  await check('the stack is that of the worker, and says which worker', async () => {
    const { stack } = await errorOf(tasks.throwTypeError, 'here');
    assert.match(stack, /throwTypeError.*tasks\.mjs/);
    assert.match(stack, /at worker [01] of 2 on \S+$/);
  });

  await check('where an error has no stack, the place follows its name and message', async () => {
    const without = (stack) => {
      const error = new RangeError('of no place');
      Object.defineProperty(error, 'stack', stack);
      throw error;
    };
    const text = /^RangeError: of no place\n {4}at worker [01] of 2 on \S+$/;
    for (const value of ['', null, undefined])
      assert.match((await errorOf(without, { value })).stack, text);
    const broken = () => {
      throw Object.defineProperty(new RangeError('of no place'), 'stack', { get: () => null.none });
    };
    assert.match((await errorOf(broken)).stack, text);
    const deleted = () => {
      const error = new RangeError('of no place');
      delete error.stack;
      throw error;
    };
    assert.match((await errorOf(deleted)).stack, text);
  });

  // mpi4py: an error that cannot be unpickled is replaced
  await check('an error of the program keeps its name and properties', async () => {
    const error = await errorOf(tasks.throwMeltdown, 'too hot', 2800);
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.name, error.message, error.temperature],
      ['MeltdownError', 'too hot', 2800],
    );
  });

  await check(
    'an error whose class has #private members keeps its name, and says why',
    async () => {
      const error = await errorOf(tasks.throwSecret, 'hidden');
      assert.ok(error instanceof RangeError);
      assert.deepEqual([error.name, error.message, error.where], ['SecretError', 'hidden', 'here']);
      const [, note, frame, ...rest] = error.stack.split('\n');
      assert.match(
        note,
        /^ {4}\(a SecretError cannot be sent: its class has #private members; give/,
      );
      assert.match(frame, /throwSecret.*tasks\.mjs/);
      assert.match(rest.join('\n'), /^ {4}at worker [01] of 2 on \S+$/);
    },
  );

  await check('a cause comes along', async () => {
    const { message, cause } = await errorOf(tasks.throwWithCause);
    assert.equal(message, 'outer');
    assert.ok(cause instanceof SyntaxError);
    assert.equal(cause.message, 'inner');
  });

  await check('an asynchronous function that rejects fails its future', async () => {
    assert.ok((await errorOf(tasks.rejectLater, 'out of range')) instanceof RangeError);
  });

  // mpi4py: a task may raise anything; the worker lives on
  await check('what is thrown need not be an error', async () => {
    assert.equal(await errorOf(tasks.throwText), 'only text');
  });

  // mpi4py: arguments cannot be pickled: the error, without cause
  // mpi4py: `submit` returns at once; what cannot be sent fails the future, not `submit`
  await check('an argument that cannot travel fails the future and not submit', async () => {
    const error = await errorOf(tasks.identity, Symbol('argument'));
    assert.equal(error.code, 'ERR_DATA_CLONE');
  });

  // mpi4py: a result that cannot be sent, an argument that cannot be read: the future fails
  await check('a result that cannot travel fails the future', async () => {
    const error = await errorOf(tasks.returnSymbol);
    assert.equal(error.name, 'DataCloneError');
  });

  await check('many failures among many results stay with their tasks', async () => {
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const results = await Promise.allSettled(numbers.map((i) => pool.submit(tasks.throwIfOdd, i)));
    assert.ok(results.every(({ status }, i) => (status === 'rejected') === (i % 2 === 1)));
    assert.equal(results[7].reason.message, '7 is odd');
  });

  // mpi4py: a task may raise anything; the worker lives on
  // test_futures.py: Pickle bad_pickle, bad_unpickle
  await check('workers go on after all of this', async () => {
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
    assert.equal(pool.numWorkers, 2);
  });

  // mpi4py: an error that cannot be unpickled is replaced
  await check('errors that are hard to describe', async () => {
    for (const name of tasks.oddErrorNames) {
      const error = await errorOf(tasks.throwOdd, name);
      assert.ok(error instanceof Error, name);
      assert.equal(error.message, 'odd', name);
    }
  });

  // mpi4py: an error that cannot be sent aborts the workers
  await check('things that are no errors', async () => {
    assert.equal(await errorOf(tasks.throwUndefined), undefined);
    await errorOf(tasks.throwProxy);
  });

  await check('the pool works on after all that', async () => {
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
  });

  await check('classes of one text are not taken for each other', async () => {
    for (const [name, ofClass] of Object.entries({
      farTwin: thrown.FarTwin,
      twin: thrown.TwinError,
    })) {
      const error = await errorOf(thrown.throwMade, name);
      assert.equal(Object.getPrototypeOf(error), ofClass.prototype, name);
    }
    for (const again of [1, 2, 1]) {
      const instance = await import(`./functions/thrown_far.mjs?${again}`);
      const error = await errorOf(instance.throwFar);
      assert.equal(Object.getPrototypeOf(error), instance.FarError.prototype, `instance ${again}`);
    }
    const nested = await errorOf(thrown.throwMade, 'nested');
    assert.equal(nested.constructor.name, 'TwinError');
    assert.ok(![thrown.TwinError, thrown.FarTwin].includes(nested.constructor));
  });

  await check('a class of a module that only workers have loaded', async () => {
    const names = ['OtherError', 'default', 'LateError'];
    const errors = [];
    for (const name of names) errors.push(await errorOf(thrown.throwLate, name));
    const late = await import('./functions/thrown_late.mjs');
    for (const [index, name] of names.entries())
      assert.equal(Object.getPrototypeOf(errors[index]), late[name].prototype, name);
  });

  await check('an error whose class is not there is of the nearest one, and says so', async () => {
    const expected = { GoneError: [RangeError, 'of the instance'], NamelessError: [TypeError, 'NamelessError'] }; // prettier-ignore
    for (const [name, [ofClass, called]] of Object.entries(expected)) {
      const error = await errorOf(thrown.throwGone, name);
      assert.equal(Object.getPrototypeOf(error), ofClass.prototype, error.stack);
      assert.deepEqual([error.name, error.message], [called, 'gone']);
      assert.match(error.stack, /only_on_workers\.mjs could not be imported.*throwGone/s);
      assert.ok(error.inside[0] instanceof ofClass);
      assert.equal(error.inside[0].message, 'in it');
    }
  });

  await check('a class of the top level needs no inspector on the worker, and no walk of the heap here', async () => {
    const { Session } = await import('node:inspector');
    const { post } = Session.prototype;
    Session.prototype.post = function (method, ...rest) {
      assert.notEqual(method, 'Runtime.queryObjects');
      return post.call(this, method, ...rest);
    };
    const refusing = new PoolExecutor({ initializer: thrown.refuseInspector });
    const failure = (fn, ...args) =>
      refusing.submit(fn, ...args).then(
        () => assert.fail('did not fail'),
        (error) => error,
      );
    class LocalError extends Error {}
    const expected = {
      exported: thrown.ExportedError,
      inner: thrown.InnerClass,
      assigned: thrown.AssignedClass,
      far: thrown.FarError,
      required: thrown.RequiredError,
    };
    for (const [name, ofClass] of Object.entries(expected)) {
      const error = await failure(thrown.throwMade, name);
      assert.equal(Object.getPrototypeOf(error), ofClass.prototype, `${name}: ${error.stack}`);
      assert.equal(error.message, name);
    }
    assert.ok((await failure(throwOwn, 'own')) instanceof OwnError);
    assert.ok((await refusing.submit(thrown.makeShape)) instanceof thrown.default);
    const throwIt = (ofClass) => {
      throw new ofClass('of the program');
    };
    for (const ofClass of [OwnError, LocalError, thrown.TwinError])
      assert.ok((await failure(throwIt, ofClass)) instanceof ofClass, ofClass.name);
    const ofNode = { assertion: assert.AssertionError, compile: WebAssembly.CompileError, range: RangeError }; // prettier-ignore
    for (const [name, ofClass] of Object.entries(ofNode)) {
      const error = await failure(thrown.throwOfNode, name);
      assert.equal(error.constructor, ofClass, error.stack);
    }
    assert.equal((await failure(thrown.throwOfNode, 'assertion')).expected, 2);
    // Their classes are internal to Node.js. Everything else arrives.
    const hidden = {
      system: ['SystemError', 'ERR_SYSTEM_ERROR', -constants.errno.ESRCH, 'uv_os_getpriority'],
      abort: ['AbortError', 'ABORT_ERR', undefined, undefined],
    };
    for (const [name, properties] of Object.entries(hidden)) {
      const error = await failure(thrown.throwOfNode, name);
      assert.equal(error.constructor, Error, error.stack);
      assert.deepEqual([error.name, error.code, error.errno, error.syscall], properties);
      assert.match(error.stack, RegExp(`^${properties[0]}`));
      assert.doesNotMatch(error.stack, /cannot be sent|inspector/);
    }
    // A class inside a function is found by the inspector, which refuses here.
    assert.match((await failure(thrown.throwMade, 'nested')).message, /nested/);
    assert.ok(!((await failure(thrown.throwMade, 'nested')) instanceof thrown.TwinError));
    await refusing.shutdown();
    Session.prototype.post = post;
  }); // prettier-ignore

  await pool.shutdown();
}
