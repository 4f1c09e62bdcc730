/** Sends each value of the table to a worker and back. */

const assert = require('node:assert/strict');
const { refused, ...values } = require('./table.cjs');

/** Checks all rows, so that one failure does not hide others. */
async function each(rows, body) {
  const failures = [];
  for (const row of rows) {
    try {
      await body(row);
    } catch (error) {
      failures.push(`${row.name}: ${error.stack}`);
    }
  }
  assert.deepEqual(failures, []);
}

async function checkTable(pool) {
  const { check } = await import('../check.mjs');
  const identity = (value) => value;

  await check('every value comes back as it was', async () => {
    assert.ok(Object.keys(values).length >= 80);
    await each(Object.values(values), async ({ value, compared, verify }) => {
      const result = await pool.submit(identity, value);
      if (compared) assert.deepStrictEqual(result, value);
      verify?.(result);
    });
  });

  await check('what cannot be sent is refused, and named with its place', () =>
    each(refused, async ({ value, message }) => {
      const failure = await pool.submit(identity, 0, { list: [value] }).catch((error) => error);
      assert.equal(failure.name, 'DataCloneError');
      assert.equal(failure.code, 'ERR_DATA_CLONE');
      assert.match(failure.message, /argument 2\.list\[0\]/);
      assert.match(failure.message, message);
    }),
  );

  await check('a result that cannot be sent is refused, and named with its place', async () => {
    const result = pool.submit(() => ({ deep: [Promise.resolve()] }));
    await assert.rejects(result, {
      name: 'DataCloneError',
      message: /result\.deep\[0\].*Promise.*await/,
    });
  });

  await check('the pool works on', async () => {
    assert.equal(await pool.submit((x) => x + 1, 1), 2);
  });
}

module.exports = { checkTable };
