/** Where a task throws: its error's stack begins with the true file and line. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMain } from 'mpi-futures';
import { check, unable } from './check.mjs';
import { PoolExecutor } from './executor.mjs';

const scale = 2;

function topLevel(x) {
  throw new RangeError(`${x * scale}`); // thrown: top level
}

const callsTopLevel = (x) => topLevel(x);

const object = {
  method(x) {
    throw new RangeError(`${x * scale}`); // thrown: method
  },
};

// Only where Node.js runs TypeScript without a loader.
const typed = process.features.typescript ? await import('./functions/typed.ts') : undefined;

if (isMain) {
  const pool = new PoolExecutor();

  const throwsAt = async (marker, fn, ...args) => {
    const file = fileURLToPath(import.meta.url);
    await throwsIn(file, `// thrown: ${marker}`, fn, ...args);
  };

  /** Neither this package's files nor those of Node.js. */
  const assertNoneOfOurs = (stack) => {
    for (const line of stack.split('\n').filter((line) => /^\s+at /.test(line)))
      assert.doesNotMatch(line, /node:|\/dist\/|\/lib\//, stack);
  };

  /** The first line of the stack is the line of `file` in which `marker` stands. */
  const throwsIn = async (file, marker, fn, ...args) => {
    const error = await pool.submit(fn, ...args).catch((error) => error);
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes(marker));
    const first = error.stack.split('\n').find((text) => /^\s+at /.test(text));
    assert.ok(first.includes(`${file}:${line + 1}:`), `${marker}: ${error.stack}`);
    assert.match(error.stack, /\n\s+at worker \d of 2 on \S+$/);
    assertNoneOfOurs(error.stack);
  };

  await check('function at the top level', async () => {
    await throwsAt('top level', topLevel, 1);
    await throwsAt('top level', callsTopLevel, 1);
  });
  await check('method of an object', async () => {
    await throwsAt('method', object.method, 1);
  });
  await check('arrow function that uses nothing of the program', async () => {
    const line = (x) => {
      throw new RangeError(`${x}`); // thrown: alone
    };
    await throwsAt('alone', line, 1);
    await throwsAt('directly', () => {
      throw new RangeError('here'); // thrown: directly
    });
  });
  await check('arrow function that uses the program', async () => {
    await throwsAt('inline', (x) => {
      throw new RangeError(`${x * scale}`); // thrown: inline
    }, 1); // prettier-ignore
  });
  await check('closure', async () => {
    const k = 5;
    await throwsAt('closure alone', (x) => {
      throw new RangeError(`${x * k}`); // thrown: closure alone
    });
    await throwsAt('closure of the program', (x) => {
      throw new RangeError(`${x * k * scale}`); // thrown: closure of the program
    });
  });
  await check('captured function', async () => {
    const inner = (x) => {
      throw new RangeError(`${x}`); // thrown: inner
    };
    await throwsAt('inner', () => inner(scale));
  });
  await check('after an await and an import()', async () => {
    await throwsAt('late', async () => {
      await import('node:fs');
      throw new RangeError('late'); // thrown: late
    });
  });
  await check('method of a local class', async () => {
    const k = 5;
    class Local {
      method() {
        throw new RangeError(`${k}`); // thrown: local class
      }
    }
    await throwsAt('local class', () => new Local().method());
  });
  await check('an error of the language itself', async () => {
    await throwsAt('null', (x) => {
      return x.y.z; // thrown: null
    }, {}); // prettier-ignore
  });
  await check('process.exit', async () => {
    await throwsAt('exit', () => {
      process.exit(4); // thrown: exit
    });
    await throwsAt('late exit', async () => {
      await null;
      process.exit(4); // thrown: late exit
    });
  });
  await check('a function that came as a result, sent again', async () => {
    const made = await pool.submit((k) => () => {
      throw new RangeError(`${k}`); // thrown: result
    }, 1); // prettier-ignore
    await throwsAt('result', made);
  });

  await check('TypeScript, where Node.js runs it: functions and their traces', async () => {
    if (typed === undefined) return unable('this Node.js does not run TypeScript');
    const file = fileURLToPath(new URL('./functions/typed.ts', import.meta.url));
    assert.equal(await pool.submit(typed.typed, 2), 6);
    assert.deepEqual(await pool.submit(typed.generic, 2), [2, 3]);
    assert.equal(await pool.submit(typed.reveal().hidden, { size: 2 }), 5);
    assert.equal(await pool.submit(typed.closure(2), 3), 15);
    const made = await pool.submit(typed.Typed.of, 4);
    assert.ok(made instanceof typed.Typed);
    assert.equal(await pool.submit((t) => t.grown(1), made), 8);
    await throwsIn(file, 'throw new RangeError', typed.thrower, 'message');
  });

  await check(
    'only frames of the program are shown, also of the errors inside of an error',
    async () => {
      const error = await pool
        .submit(() => {
          const thrown = (message, options) => {
            try {
              throw new Error(message, options);
            } catch (error) {
              return error;
            }
          };
          const cause = thrown('outer cause', { cause: thrown('inner cause') });
          throw new AggregateError([thrown('one'), thrown('two')], 'all', { cause });
        })
        .catch((error) => error);
      const all = [error, error.cause, error.cause.cause, ...error.errors];
      for (const each of all) {
        assertNoneOfOurs(each.stack);
        assert.match(each.stack, /traces\.mjs:\d+:\d+/);
      }
      const late = pool.submit(
        () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 1)),
      );
      assertNoneOfOurs((await late.catch((error) => error)).stack);
    },
  );
  await check(
    'frames in between stay: those of callers of the program that this package was called by',
    async () => {
      const { stack } = await pool
        .submit(async () => {
          const { compose } = await import('mpi-futures');
          void compose(1);
        })
        .catch((error) => error);
      const [first, ...others] = stack.split('\n').filter((line) => /^\s+at /.test(line));
      assert.match(first, /\/dist\//);
      assert.ok(
        others.some((line) => line.includes('traces.mjs')),
        stack,
      );
      assert.doesNotMatch(others.at(-2), /\/dist\//);
    },
  );
  await check(
    'an error that a task returns has only frames of the program, wherever it is',
    async () => {
      const fail = () => {
        try {
          return null.x;
        } catch (error) {
          return error;
        }
      };
      const returned = await pool.submit(fail);
      const [{ reason }] = await pool.submit((fail) => Promise.allSettled([Promise.reject(fail())]), fail); // prettier-ignore
      const { failures } = await pool
      .submit((fail) => { throw Object.assign(new Error('several'), { failures: [fail()] }); }, fail)
      .catch((error) => error); // prettier-ignore
      for (const { stack } of [returned, reason, failures[0]]) {
        assert.match(stack, /^TypeError: .+\n\s+at .*traces\.mjs:\d+/);
        assertNoneOfOurs(stack);
      }
    },
  );
  await check('the stack of an error that goes there and back stays as it is', async () => {
    const error = new Error('of the program');
    const { stack } = await pool.submit((error) => error, error);
    assert.equal(stack, error.stack);
  });
  await check('an error that begins in this package has its frames', async () => {
    const { stack } = await pool.submit(() => Symbol('cannot be sent')).catch((error) => error);
    assert.match(stack, /DataCloneError: .+/);
    assert.match(stack, /\n\s+at .+\/dist\//);
    assert.match(stack, /\n\s+at worker \d of 2 on \S+$/);
  });
  await check('stacks of the form that the program wants are kept', async () => {
    const error = await pool
      .submit(() => {
        const before = Error.prepareStackTrace;
        Error.prepareStackTrace = (error, frames) => `${error.message} in ${frames.length > 0}`;
        try {
          const error = new Error('short');
          void error.stack;
          throw error;
        } finally {
          Error.prepareStackTrace = before;
        }
      })
      .catch((error) => error);
    assert.match(error.stack, /^short in true\n\s+at worker \d of 2 on \S+$/);
  });

  await pool.shutdown();
}
